import { useState } from "preact/hooks";
import { call } from "../api/client.ts";
import type { PortfolioSummary } from "../api/schema.ts";
import { user } from "../api/session.ts";
import { useData } from "../app/data.ts";
import { ago, count, moment, number, shortMoney } from "../app/format.ts";
import { navigate } from "../app/router.ts";
import { bandOf, Meter } from "../charts/score.tsx";
import {
  Amount,
  BandChip,
  Button,
  Card,
  Empty,
  Failure,
  LinkButton,
  Select,
  Skeleton,
} from "../ui/parts.tsx";
import { DropZone } from "./import/drop.tsx";
import { handOver } from "./import/handover.ts";

const ORDERS = [
  ["updated_at desc", "Last changed"],
  ["total_value desc", "Highest value"],
  ["name asc", "Name"],
  ["created_at desc", "Newest"],
] as const;
const PAGE = 24;

export default function Dashboard() {
  const [order, setOrder] = useState<string>(ORDERS[0][0]);
  const [pages, setPages] = useState(1);
  const [sortBy, sortOrder] = order.split(" ") as [
    "updated_at" | "total_value" | "name" | "created_at",
    "asc" | "desc",
  ];
  const limit = Math.min(100, PAGE * pages);
  const list = useData(`portfolios/${order}/${limit}`, (signal) =>
    call("GET /v1/portfolios", { query: { limit, sortBy, sortOrder }, signal }),
  );
  const { data } = list;
  return (
    <>
      <header class="page-head">
        <div>
          <h1 tabIndex={-1}>Portfolios</h1>
          <p class="lead">Welcome, {user.value?.firstName}.</p>
        </div>
        <div class="actions">
          <LinkButton kind="primary" icon="upload" href="/import">
            Import a file
          </LinkButton>
        </div>
      </header>
      {list.error && !data ? (
        <Failure error={list.error} retry={list.reload} />
      ) : !data ? (
        <Card>
          <Skeleton tall />
        </Card>
      ) : data.pagination.total === 0 ? (
        <First />
      ) : (
        <div class="stack">
          <div class="page-head">
            <Totals portfolios={data.portfolios} partly={data.pagination.hasMore} />
            <Select
              label="Sort by"
              hidden
              options={ORDERS}
              value={order}
              onChange={(event) => setOrder(event.currentTarget.value)}
            />
          </div>
          <ul class="portfolio-list">
            {data.portfolios.map((portfolio) => (
              <li key={portfolio.id}>
                <Summary portfolio={portfolio} />
              </li>
            ))}
          </ul>
          {data.pagination.hasMore && limit < 100 && (
            <Button onClick={() => setPages(pages + 1)}>Show more</Button>
          )}
        </div>
      )}
    </>
  );
}

function First() {
  return (
    <Card>
      <Empty icon="folder" title="Begin with a file">
        <p>
          Export your holdings from your broker as CSV and drop the file here. You see how it was understood
          before anything is saved.
        </p>
        <DropZone
          onFile={(file) => {
            handOver(file);
            navigate("/import");
          }}
        />
      </Empty>
    </Card>
  );
}

/** What everything is worth together, for each currency: they cannot be added up. */
function Totals({ portfolios, partly }: { portfolios: PortfolioSummary[]; partly: boolean }) {
  const sums = new Map<string, number>();
  for (const { currency, totalValue } of portfolios)
    sums.set(currency, (sums.get(currency) ?? 0) + totalValue);
  return (
    <dl class="totals">
      {[...sums].map(([currency, sum]) => (
        <div key={currency} class="total">
          <dt>
            {partly ? "Value of those shown" : "Total value"}
            {sums.size > 1 && `, ${currency}`}
          </dt>
          <dd>
            <Amount value={sum} currency={currency} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Summary({ portfolio }: { portfolio: PortfolioSummary }) {
  const { id, name, totalValue, currency, holdingsCount, riskScore, updatedAt } = portfolio;
  return (
    <article class="card portfolio-card">
      <div>
        <h2 title={name}>
          <a href={`/portfolios/${id}`}>{name}</a>
        </h2>
        <p class="value">
          <Amount value={totalValue} currency={currency} short={totalValue >= 1e9 ? shortMoney : undefined} />
        </p>
      </div>
      <div class="score-line">
        {riskScore !== null && (
          <>
            <div>
              <span>
                Risk <strong class="figure">{number(riskScore, 1, 1)}</strong> of 10
              </span>
              <BandChip band={bandOf(riskScore)} />
            </div>
            <Meter score={riskScore} />
          </>
        )}
        <p class="meta">
          <span>{count(holdingsCount, "holding")}</span>
          <span title={moment(updatedAt)}>Changed {ago(updatedAt)}</span>
        </p>
      </div>
    </article>
  );
}
