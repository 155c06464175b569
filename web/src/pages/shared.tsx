/** What a link shows, to whoever has it. The token is in the fragment, which no server is told. */

import { useEffect, useState } from "preact/hooks";
import { ApiError, call } from "../api/client.ts";
import type { SharedPortfolio, SharedPortfolioWithAmounts } from "../api/schema.ts";
import { useData } from "../app/data.ts";
import { moment, percent } from "../app/format.ts";
import { word } from "../app/words.ts";
import { Donut } from "../charts/donut.tsx";
import { slices } from "../charts/geometry.ts";
import { Amount, Card, Empty, Failure, Notice, Skeleton } from "../ui/parts.tsx";
import { Prices } from "./portfolio/prices.tsx";
import { Components, Exposure, Figures, Method, Score } from "./portfolio/risk.tsx";

type Shared = SharedPortfolio | SharedPortfolioWithAmounts;

export default function SharedPage() {
  const [token, setToken] = useState(location.hash.slice(1));
  useEffect(() => {
    const changed = () => setToken(location.hash.slice(1));
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  const shared = useData(token && `shared/${token}`, (signal) =>
    call("GET /v1/shared/{token}", { path: { token }, signal }),
  );
  const analyzed = shared.data?.permissions.includes("analyze");
  const report = useData(analyzed ? `shared-risk/${token}` : null, (signal) =>
    call("GET /v1/shared/{token}/risk", { path: { token }, signal }),
  );
  if (!token || (shared.error instanceof ApiError && shared.error.status === 404)) return <Nowhere />;
  if (shared.error) return <Failure error={shared.error} retry={shared.reload} />;
  if (!shared.data) {
    return (
      <Card>
        <Skeleton tall />
      </Card>
    );
  }
  const risk = report.data;
  return (
    <>
      <header class="page-head">
        <div>
          <h1 tabIndex={-1}>{shared.data.name}</h1>
          {shared.data.showAmounts && (
            <dl class="totals">
              <div class="total">
                <dt class="unseen">Total value</dt>
                <dd>
                  <Amount value={shared.data.totalValue} currency={shared.data.currency} />
                </dd>
              </div>
            </dl>
          )}
          <p class="lead">
            Shared with you to look at · changed {moment(shared.data.updatedAt)} · the link works until{" "}
            {moment(shared.data.expiresAt)}
          </p>
        </div>
      </header>
      <div class="grid">
        {risk && <Score risk={risk} />}
        <Card title="Allocation" className={risk ? "seven" : ""}>
          <Donut label="Allocation by holding" centre="holdings" slices={slices(shares(shared.data))} />
        </Card>
        {risk && (
          <>
            <Components risk={risk} />
            <Prices market={risk.market} />
            <Exposure risk={risk} />
            <Figures risk={risk} />
          </>
        )}
        {report.error && <Failure error={report.error} retry={report.reload} />}
        <Holdings shared={shared.data} />
        {risk ? (
          <Method risk={risk} />
        ) : (
          <Notice title="The owner shares the holdings only, not the risk report." />
        )}
      </div>
    </>
  );
}

function shares(shared: Shared) {
  return shared.assets.map(({ symbol, name, allocationPercentage }) => ({
    key: symbol,
    name: symbol,
    title: name,
    share: allocationPercentage / 100,
  }));
}

function Holdings({ shared }: { shared: Shared }) {
  const rows = [...shared.assets].sort((a, b) => b.allocationPercentage - a.allocationPercentage);
  return (
    <Card title="Holdings" className="holdings">
      <table>
        <caption class="unseen">Holdings of {shared.name}</caption>
        <thead>
          <tr>
            <th scope="col">Holding</th>
            <th scope="col">Type</th>
            <th scope="col">Sector</th>
            {shared.showAmounts && (
              <th scope="col" class="end">
                Value
              </th>
            )}
            <th scope="col" class="end">
              Share
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((holding) => (
            <tr key={holding.symbol}>
              <th scope="row">
                {holding.symbol}
                <span class="sub" title={holding.name}>
                  {holding.name}
                </span>
              </th>
              <td data-label="Type">{word(holding.type)}</td>
              <td data-label="Sector">{word(holding.sector)}</td>
              {shared.showAmounts && (
                <td data-label="Value" class="end">
                  <Amount
                    value={"dollarAmount" in holding ? holding.dollarAmount : null}
                    currency={shared.currency}
                  />
                </td>
              )}
              <td data-label="Share" class="end figure">
                {percent(holding.allocationPercentage / 100, 2)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}

function Nowhere() {
  return (
    <Empty icon="share" title="This link opens nothing">
      <h1 class="unseen" tabIndex={-1}>
        Link not found
      </h1>
      <p>It has expired, was taken back, or is not complete. Ask whoever sent it for a new one.</p>
    </Empty>
  );
}
