/** From what is held to what is wanted: the plan, and what it changes, while the wish is still being made. */

import { useEffect, useState } from "preact/hooks";
import { ApiError, call } from "../api/client.ts";
import type { PortfolioView, RebalancePlan } from "../api/schema.ts";
import { user } from "../api/session.ts";
import { useData } from "../app/data.ts";
import { Icon } from "../ui/icons.tsx";
import { Card, Failure, Notice, Skeleton } from "../ui/parts.tsx";
import { Plan } from "./rebalance/plan.tsx";
import { type Draft, draftFor, isComplete, toRequest } from "./rebalance/wish.ts";
import { Wish } from "./rebalance/wish.tsx";

const PAUSE_MS = 350;

export default function Rebalance({ params }: { params: Record<string, string> }) {
  const id = params.id ?? "";
  const portfolio = useData(`portfolio/${id}`, (signal) =>
    call("GET /v1/portfolios/{portfolioId}", { path: { portfolioId: id }, signal }),
  );
  return (
    <>
      <header class="page-head">
        <div>
          <a class="crumb" href={`/portfolios/${id}`}>
            <Icon name="back" size={16} /> {portfolio.data?.name ?? "Portfolio"}
          </a>
          <h1 tabIndex={-1}>Rebalance</h1>
          <p class="lead">
            Choose what to aim for. Nothing is traded: this is a plan you can take to your broker.
          </p>
        </div>
      </header>
      {portfolio.data ? (
        <Planner portfolio={portfolio.data} />
      ) : portfolio.error ? (
        <Failure error={portfolio.error} retry={portfolio.reload} />
      ) : (
        <Card>
          <Skeleton tall />
        </Card>
      )}
    </>
  );
}

function Planner({ portfolio }: { portfolio: PortfolioView }) {
  const [draft, setDraft] = useState<Draft>(() =>
    draftFor(portfolio, portfolio.riskProfile ?? user.value?.riskTolerance ?? "moderate"),
  );
  const [plan, setPlan] = useState<RebalancePlan>();
  const [error, setError] = useState<Error>();
  const [busy, setBusy] = useState(true);
  const [round, setRound] = useState(0);
  const asked = JSON.stringify(toRequest(draft));

  useEffect(() => {
    if (!isComplete(draft)) {
      setBusy(false);
      return;
    }
    const stop = new AbortController();
    setBusy(true);
    const timer = setTimeout(() => {
      call("POST /v1/portfolios/{portfolioId}/rebalance", {
        path: { portfolioId: portfolio.id },
        body: toRequest(draft),
        signal: stop.signal,
      })
        .then((made) => {
          setPlan(made);
          setError(undefined);
          setBusy(false);
        })
        .catch((reason) => {
          if (stop.signal.aborted) return;
          setError(reason);
          setBusy(false);
        });
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [asked, round]);

  return (
    <div class="grid planner">
      <div class="third wish">
        <Wish portfolio={portfolio} draft={draft} onChange={setDraft} />
      </div>
      <div class="two-thirds" aria-busy={busy}>
        {error ? (
          <Refused error={error} retry={() => setRound(round + 1)} />
        ) : plan ? (
          <div class={busy ? "stale" : ""}>
            <Plan plan={plan} />
          </div>
        ) : (
          <Card title="The plan">
            <Skeleton tall lines={6} />
          </Card>
        )}
      </div>
    </div>
  );
}

/** What cannot be planned is an answer too: why, and what to change. */
function Refused({ error, retry }: { error: Error; retry: () => void }) {
  if (!(error instanceof ApiError) || error.status >= 500 || error.status === 429)
    return <Failure error={error} retry={retry} />;
  const problems = error.problems.map((problem) => problem.message);
  return (
    <Notice tone="warn" title="There is no plan for this yet.">
      {(problems.length ? problems : [error.message]).map((problem) => (
        <p key={problem}>{problem}</p>
      ))}
      {error.code === "UNPROCESSABLE" && <p>Choose “My own targets” to name what to buy.</p>}
    </Notice>
  );
}
