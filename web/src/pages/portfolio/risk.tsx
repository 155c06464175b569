import type { ComponentScore, RiskReport, SharedRiskReport } from "../../api/schema.ts";
import { number, percent } from "../../app/format.ts";
import { word } from "../../app/words.ts";
import { Bars } from "../../charts/bars.tsx";
import { Gauge, Meter } from "../../charts/score.tsx";
import { BandChip, Card, Notice } from "../../ui/parts.tsx";

/** The owner's report, or what a link shows of it. */
type Report = RiskReport | SharedRiskReport;

/** The score, what it says in one sentence, and what the owner should know. */
export function Score({ risk }: { risk: Report }) {
  return (
    <Card title="Risk score" className="five">
      <div class="stack">
        <Gauge score={risk.overallRiskScore} band={risk.overallRiskBand} />
        <p>{risk.summary}</p>
        {risk.warnings.map(({ code, message }) => (
          <Notice key={code + message} tone="warn">
            <p class="small">{message}</p>
          </Notice>
        ))}
      </div>
    </Card>
  );
}

/** Every component of the score: what drives it, and what would lower it. */
export function Components({ risk }: { risk: Report }) {
  return (
    <Card title="What makes up the score">
      <ul class="components">
        {risk.components.map((component) => (
          <Component key={component.name} component={component} />
        ))}
      </ul>
    </Card>
  );
}

function Component({
  component: { name, score, band, weight, contribution, explanation },
}: {
  component: ComponentScore;
}) {
  return (
    <li>
      <div class="component-head">
        <div>
          <h3>{word(name)}</h3>
          {score !== null && (
            <strong class="figure">
              {number(score, 1, 1)}
              <span class="unseen"> of 10</span>
            </strong>
          )}
        </div>
        {score !== null && <Meter score={score} />}
        <div>
          <BandChip band={band} />
        </div>
      </div>
      <div>
        <p>{explanation}</p>
        {score !== null && (
          <p class="component-numbers figure">
            Counts {percent(weight, 0)} of the score and adds {number(contribution, 1, 1)} points.
          </p>
        )}
      </div>
    </li>
  );
}

/** Where the money works: sectors, regions, and the figures behind them. */
export function Exposure({ risk }: { risk: Report }) {
  const { breakdowns, coverage } = risk;
  return (
    <>
      <Card title="Sectors" className="half">
        <Bars shares={breakdowns.sector} />
        <Unclassified coverage={coverage.sector} />
      </Card>
      <Card title="Regions" className="half">
        <Bars shares={breakdowns.region} />
        <Unclassified coverage={coverage.region} />
      </Card>
    </>
  );
}

function Unclassified({ coverage }: { coverage: { share: number; unclassified: string[] } }) {
  if (!coverage.unclassified.length) return null;
  const { share, unclassified } = coverage;
  return (
    <p class="hint coverage">
      {percent(share)} of the value is classified. Not known: {unclassified.slice(0, 8).join(", ")}
      {unclassified.length > 8 && ` and ${unclassified.length - 8} more`}. State it in the holdings below.
    </p>
  );
}

/** The numbers behind the sentences. */
export function Figures({ risk }: { risk: Report }) {
  const facts: [string, string, string?][] = [
    ["Effective holdings", number(risk.effectiveHoldings.value, 1), `of ${risk.holdingsCount}`],
    ["Largest holding", percent(risk.topHoldings["1"])],
    ["Largest five", percent(risk.topHoldings["5"])],
    [
      "Volatility a year",
      percent(risk.volatility.value),
      risk.volatility.value === null
        ? undefined
        : risk.volatility.measured
          ? "measured from prices"
          : "from long-run figures",
    ],
    [
      "Concentration (HHI)",
      number(risk.hhi.value, 3),
      `${number(risk.hhiLookThrough.value, 3)} looking through funds`,
    ],
    ["Diversification", number(risk.diversification.composite, 1), "1 none, 10 broad"],
  ];
  return (
    <Card title="Figures">
      <dl class="facts">
        {facts.map(([name, value, note]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {value} {note && <small>{note}</small>}
            </dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

/** How the figures are made, and what they rest on. */
export function Method({ risk }: { risk: Report }) {
  return (
    <details class="method">
      <summary>How these figures are made</summary>
      <ul class="plain-list">
        {risk.method.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <p>Sources: {risk.dataSources.map((source) => source.replace(/\.$/, "")).join("; ")}.</p>
      <p>{risk.disclaimer}</p>
    </details>
  );
}
