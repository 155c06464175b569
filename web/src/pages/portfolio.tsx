/** One portfolio: what it holds, what it is exposed to, and why it scores as it does. */

import { useState } from "preact/hooks";
import { ApiError, call } from "../api/client.ts";
import type { PortfolioView } from "../api/schema.ts";
import { forget, useData } from "../app/data.ts";
import { ago, count, moment } from "../app/format.ts";
import { navigate } from "../app/router.ts";
import { Icon } from "../ui/icons.tsx";
import { Amount, Button, Card, Dialog, Empty, Failure, Field, LinkButton, Skeleton } from "../ui/parts.tsx";
import { say } from "../ui/toast.tsx";
import { Allocation } from "./portfolio/allocation.tsx";
import { Holdings } from "./portfolio/holdings.tsx";
import { Prices } from "./portfolio/prices.tsx";
import { Components, Exposure, Figures, Method, Score } from "./portfolio/risk.tsx";
import { replacing } from "./portfolio/saving.ts";
import { Share } from "./portfolio/share.tsx";

export default function Portfolio({ params }: { params: Record<string, string> }) {
  const id = params.id ?? "";
  const portfolio = useData(`portfolio/${id}`, (signal) =>
    call("GET /v1/portfolios/{portfolioId}", { path: { portfolioId: id }, signal }),
  );
  const { data, error } = portfolio;
  if (error instanceof ApiError && (error.status === 404 || error.status === 400) && !data) return <Gone />;
  if (error && !data) return <Failure error={error} retry={portfolio.reload} />;
  if (!data) {
    return (
      <>
        <header class="page-head">
          <div>
            <Crumb />
            <h1 tabIndex={-1}>Portfolio</h1>
          </div>
        </header>
        <Card>
          <Skeleton tall lines={6} />
        </Card>
      </>
    );
  }
  return <Report portfolio={data} reload={portfolio.reload} />;
}

function Report({ portfolio, reload }: { portfolio: PortfolioView; reload: () => void }) {
  const { riskMetrics: risk } = portfolio;
  return (
    <>
      <Head portfolio={portfolio} reload={reload} />
      <div class="grid">
        <Score risk={risk} />
        <div class="seven column">
          <Allocation portfolio={portfolio} />
          <Figures risk={risk} />
        </div>
        <Components risk={risk} />
        <Prices market={risk.market} reload={reload} />
        <Exposure risk={risk} />
        <Holdings key={portfolio.version} portfolio={portfolio} onSaved={reload} />
        <Method risk={risk} />
      </div>
    </>
  );
}

function Crumb() {
  return (
    <a class="crumb" href="/">
      <Icon name="back" size={16} /> Portfolios
    </a>
  );
}

function Head({ portfolio, reload }: { portfolio: PortfolioView; reload: () => void }) {
  const [asking, ask] = useState<"rename" | "share" | "delete" | null>(null);
  const { id, name, totalValue, currency, holdingsCount, updatedAt, riskMetrics } = portfolio;
  return (
    <header class="page-head">
      <div>
        <Crumb />
        <h1 tabIndex={-1}>
          {name}{" "}
          <button
            type="button"
            class="icon-button no-print"
            aria-label="Rename"
            onClick={() => ask("rename")}
          >
            <Icon name="edit" size={18} />
          </button>
        </h1>
        <dl class="totals headline">
          <div class="total">
            <dt class="unseen">Total value</dt>
            <dd>
              <Amount value={totalValue} currency={currency} />
            </dd>
          </div>
        </dl>
        <p class="lead">
          {count(holdingsCount, "holding")} · changed <span title={moment(updatedAt)}>{ago(updatedAt)}</span>{" "}
          · analysed {moment(riskMetrics.asOf)}
        </p>
      </div>
      <div class="actions">
        <LinkButton kind="primary" icon="balance" href={`/portfolios/${id}/rebalance`}>
          Rebalance
        </LinkButton>
        <LinkButton icon="upload" href={`/portfolios/${id}/import`}>
          Update
        </LinkButton>
        <Button icon="share" onClick={() => ask("share")}>
          Share
        </Button>
        <Button icon="print" onClick={() => print()}>
          Print
        </Button>
        <Button icon="trash" onClick={() => ask("delete")}>
          Delete
        </Button>
      </div>
      {asking === "rename" && <Rename portfolio={portfolio} onClose={() => ask(null)} onSaved={reload} />}
      {asking === "share" && <Share portfolio={portfolio} onClose={() => ask(null)} />}
      {asking === "delete" && <Delete portfolio={portfolio} onClose={() => ask(null)} />}
    </header>
  );
}

function Rename({
  portfolio,
  onClose,
  onSaved,
}: {
  portfolio: PortfolioView;
  onClose: () => void;
  onSaved: () => void;
}) {
  const [name, setName] = useState(portfolio.name);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await replacing(portfolio, { name: name.trim() });
      onClose();
      onSaved();
    } catch (reason) {
      setError(reason as Error);
      setBusy(false);
    }
  };
  return (
    <Dialog title="Rename the portfolio" onClose={onClose}>
      <form class="form" onSubmit={save}>
        <Field
          label="Name"
          value={name}
          maxLength={200}
          required
          autofocus
          onInput={(event) => setName(event.currentTarget.value)}
        />
        {error && <Failure error={error} />}
        <div class="actions">
          <Button kind="primary" type="submit" busy={busy}>
            Save
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </div>
      </form>
    </Dialog>
  );
}

function Delete({ portfolio, onClose }: { portfolio: PortfolioView; onClose: () => void }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const remove = async () => {
    setBusy(true);
    try {
      await call("DELETE /v1/portfolios/{portfolioId}", { path: { portfolioId: portfolio.id } });
      forget("portfolio");
      onClose();
      say(`${portfolio.name} was deleted.`);
      navigate("/");
    } catch (reason) {
      setError(reason as Error);
      setBusy(false);
    }
  };
  return (
    <Dialog title="Delete this portfolio?" onClose={onClose}>
      <div class="stack">
        <p>
          {portfolio.name} with its {count(portfolio.holdingsCount, "holding")}, its uploads and its shared
          links will be gone for good. This cannot be undone.
        </p>
        {error && <Failure error={error} />}
        <div class="actions">
          <Button kind="danger" icon="trash" busy={busy} onClick={remove}>
            Delete for good
          </Button>
          <Button onClick={onClose}>Keep it</Button>
        </div>
      </div>
    </Dialog>
  );
}

function Gone() {
  return (
    <Empty icon="folder" title="This portfolio is not here">
      <h1 class="unseen" tabIndex={-1}>
        Portfolio not found
      </h1>
      <p>It was deleted, or it belongs to another account.</p>
      <LinkButton kind="primary" href="/">
        Go to your portfolios
      </LinkButton>
    </Empty>
  );
}
