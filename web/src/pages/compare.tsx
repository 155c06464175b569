/** Portfolios side by side: how they did, what they risk, and how alike they are. */

import { useState } from "preact/hooks";
import { call } from "../api/client.ts";
import { useData } from "../app/data.ts";
import { navigate, visit } from "../app/router.ts";
import { Button, Card, Empty, Failure, LinkButton, Skeleton } from "../ui/parts.tsx";
import { Result } from "./compare/result.tsx";

const FEWEST = 2;
const MOST = 10;

export default function Compare() {
  const list = useData("portfolios/compare", (signal) =>
    call("GET /v1/portfolios", { query: { limit: 100, sortBy: "name", sortOrder: "asc" }, signal }),
  );
  // The choice is in the address, so that it can be kept, and gone back to.
  const chosen =
    visit.value >= 0
      ? (new URLSearchParams(location.search).get("of")?.split(",").filter(Boolean) ?? [])
      : [];
  const comparison = useData(chosen.length >= FEWEST ? `comparison/${chosen}` : null, (signal) =>
    call("POST /v1/portfolios/compare", { body: { portfolioIds: chosen }, signal }),
  );
  const portfolios = list.data?.portfolios;
  return (
    <>
      <header class="page-head">
        <div>
          <h1 tabIndex={-1}>Compare</h1>
          <p class="lead">Two to ten portfolios, on the days all of them have prices for.</p>
        </div>
      </header>
      {list.error && !portfolios ? (
        <Failure error={list.error} retry={list.reload} />
      ) : !portfolios ? (
        <Card>
          <Skeleton tall />
        </Card>
      ) : portfolios.length < FEWEST ? (
        <Card>
          <Empty icon="compare" title="There is nothing to compare yet">
            <p>Comparing takes two portfolios. Import another one, or a variant of what you hold.</p>
            <LinkButton kind="primary" icon="upload" href="/import">
              Import a file
            </LinkButton>
          </Empty>
        </Card>
      ) : (
        <div class="stack">
          <Chooser key={chosen.join()} portfolios={portfolios} chosen={chosen} />
          {comparison.error && !comparison.data ? (
            <Failure error={comparison.error} retry={comparison.reload} />
          ) : comparison.data ? (
            <Result comparison={comparison.data} />
          ) : (
            chosen.length >= FEWEST && (
              <Card>
                <Skeleton tall lines={5} />
              </Card>
            )
          )}
        </div>
      )}
    </>
  );
}

function Chooser({ portfolios, chosen }: { portfolios: { id: string; name: string }[]; chosen: string[] }) {
  const [marked, mark] = useState<string[]>(
    chosen.length ? chosen : portfolios.slice(0, 3).map(({ id }) => id),
  );
  const toggle = (id: string) =>
    mark(marked.includes(id) ? marked.filter((other) => other !== id) : [...marked, id]);
  return (
    <Card>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          navigate(`/compare?of=${marked.join(",")}`);
        }}
      >
        <fieldset>
          <legend class="unseen">Portfolios to compare</legend>
          <div class="picks">
            {portfolios.map(({ id, name }) => (
              <label key={id} class="pick">
                <input
                  type="checkbox"
                  checked={marked.includes(id)}
                  disabled={!marked.includes(id) && marked.length >= MOST}
                  onChange={() => toggle(id)}
                />
                <span>{name}</span>
              </label>
            ))}
          </div>
        </fieldset>
        <div class="actions">
          <Button kind="primary" type="submit" icon="compare" disabled={marked.length < FEWEST}>
            Compare {marked.length >= FEWEST ? marked.length : ""}
          </Button>
          {marked.length < FEWEST && <p class="hint">Choose at least two.</p>}
        </div>
      </form>
    </Card>
  );
}
