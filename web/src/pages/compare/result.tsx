import type { Comparison } from "../../api/schema.ts";
import { count, day, moment, number, percent } from "../../app/format.ts";
import { word } from "../../app/words.ts";
import { type Line, Lines } from "../../charts/lines.tsx";
import { Scatter } from "../../charts/scatter.tsx";
import { BandChip, Card, Notice } from "../../ui/parts.tsx";

const MOST_HOLDINGS = 25;

export function Result({ comparison }: { comparison: Comparison }) {
  const { period, portfolios, performance, leastDiversifying, method, disclaimer, asOf } = comparison;
  const nameOf = (id: string) => portfolios.find((portfolio) => portfolio.id === id)?.name ?? word(id);
  const dots = portfolios.flatMap(({ id, name, figures }, colour) =>
    figures.annualReturn.value === null || figures.volatility.value === null
      ? []
      : [{ key: id, name, risk: figures.volatility.value, gain: figures.annualReturn.value, colour }],
  );
  const lines: Line[] = performance.portfolios.flatMap(({ id, values }, colour) =>
    values ? [{ key: id, name: nameOf(id), values, colour }] : [],
  );
  const { benchmark } = performance;
  if (benchmark.values)
    lines.push({ key: benchmark.id, name: word(benchmark.id), values: benchmark.values, colour: null });
  return (
    <div class="grid">
      {period.reason ? (
        <Notice title="There is no comparison by prices.">
          <p>{period.reason}</p>
        </Notice>
      ) : (
        <>
          {lines.length > 0 && (
            <Card title="What 100 became">
              <Lines
                label="Indexed performance"
                days={performance.days}
                lines={lines}
                write={(value) => number(value, 1, 1)}
              />
              {period.firstDay && period.lastDay && (
                <p class="hint coverage">
                  {count(period.days, "common day")} from {day(period.firstDay)} to {day(period.lastDay)},
                  with today's weights.
                </p>
              )}
            </Card>
          )}
          {dots.length > 0 && (
            <Card title="Return and risk" className="half">
              <Scatter label="Return and volatility" dots={dots} />
            </Card>
          )}
        </>
      )}
      <Card title="How alike they are" className={dots.length ? "half" : ""}>
        <Overlap comparison={comparison} nameOf={nameOf} />
        {leastDiversifying && <p class="hint coverage">{leastDiversifying.explanation}</p>}
      </Card>
      <Best comparison={comparison} />
      <Holdings comparison={comparison} />
      <details class="method">
        <summary>How these figures are made</summary>
        <ul class="plain-list">
          {method.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
        <p>
          {disclaimer} Compared {moment(asOf)}.
        </p>
      </details>
    </div>
  );
}

/** Shared weight of each pair, as a triangle that is a table. */
function Overlap({
  comparison: { portfolios, pairs },
  nameOf,
}: {
  comparison: Comparison;
  nameOf: (id: string) => string;
}) {
  const pairOf = (a: string, b: string) =>
    pairs.find(({ first, second }) => (first === a && second === b) || (first === b && second === a));
  return (
    <>
      <div class="scroll" tabIndex={0} role="region" aria-label="Overlap matrix">
        <table class="matrix">
          <caption class="unseen">Weight that two portfolios share</caption>
          <thead>
            <tr>
              <td />
              {portfolios.map(({ id, name }, index) => (
                <th key={id} scope="col" class="end" title={name}>
                  <span class={`swatch fill-${index}`} /> {index + 1}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {portfolios.map(({ id, name }, index) => (
              <tr key={id}>
                <th scope="row">
                  <span class={`swatch fill-${index}`} /> {index + 1} {name}
                </th>
                {portfolios.map((other) => {
                  const pair = pairOf(id, other.id);
                  return (
                    <td
                      key={other.id}
                      class={`end figure ${pair ? `heat-${Math.min(4, Math.floor(pair.overlap * 5))}` : "self"}`}
                    >
                      {pair ? percent(pair.overlap, 0) : "·"}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <ul class="plain-list pairs">
        {pairs.slice(0, 6).map(({ first, second, jaccard, correlation }) => (
          <li key={first + second} class="small">
            {nameOf(first)} and {nameOf(second)}: {percent(jaccard, 0)} of their symbols in common
            {correlation.value !== null ? `, correlation ${number(correlation.value)}` : ""}
          </li>
        ))}
      </ul>
    </>
  );
}

const METRICS: Record<string, string> = {
  annualReturn: "Return a year",
  volatility: "Volatility a year",
  maxDrawdown: "Deepest fall",
  sharpeRatio: "Sharpe ratio",
  sortinoRatio: "Sortino ratio",
  overallRiskScore: "Risk score",
  effectiveHoldings: "Effective holdings",
  diversificationRatio: "Diversification ratio",
  valueAtRisk95: "One day in twenty loses",
  conditionalValueAtRisk95: "Mean loss of the worst 5% of days",
  hhiLookThrough: "Concentration, through funds",
};
const SHARES = ["annualReturn", "volatility", "maxDrawdown", "valueAtRisk95", "conditionalValueAtRisk95"];

/** Who is best in what. */
function Best({ comparison: { best, portfolios } }: { comparison: Comparison }) {
  const figureOf = (portfolio: Comparison["portfolios"][number], metric: string): number | null => {
    const own = (portfolio as unknown as Record<string, unknown>)[metric];
    if (typeof own === "number") return own;
    const figure = (portfolio.figures as unknown as Record<string, { value?: number | null }>)[metric];
    return figure?.value ?? null;
  };
  const write = (metric: string, value: number | null) =>
    SHARES.includes(metric) ? percent(value) : number(value, 2, 2);
  return (
    <Card title="Who is best in what">
      <div class="scroll" tabIndex={0} role="region" aria-label="Figures of each portfolio">
        <table>
          <caption class="unseen">Figures of each portfolio, the best marked</caption>
          <thead>
            <tr>
              <th scope="col">Measure</th>
              {portfolios.map(({ id, name }, index) => (
                <th key={id} scope="col" class="end">
                  <span class={`swatch fill-${index}`} /> {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <tr>
              <th scope="row">Risk band</th>
              {portfolios.map(({ id, overallRiskBand }) => (
                <td key={id} class="end">
                  <BandChip band={overallRiskBand} />
                </td>
              ))}
            </tr>
            {best.map(({ metric, better, portfolioIds }) => (
              <tr key={metric}>
                <th scope="row">
                  {METRICS[metric] ?? word(metric)}
                  <span class="hint"> {better} is better</span>
                </th>
                {portfolios.map((portfolio) => {
                  const wins = portfolioIds.includes(portfolio.id);
                  return (
                    <td key={portfolio.id} class={`end figure ${wins ? "wins" : ""}`}>
                      {wins && (
                        <>
                          <span aria-hidden="true">★ </span>
                          <span class="unseen">best </span>
                        </>
                      )}
                      {write(metric, figureOf(portfolio, metric))}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

function Holdings({ comparison: { holdings, portfolios } }: { comparison: Comparison }) {
  const shown = holdings.slice(0, MOST_HOLDINGS);
  return (
    <Card title="What they hold">
      <div class="scroll" tabIndex={0} role="region" aria-label="Weights of the holdings">
        <table>
          <caption class="unseen">Weight of each holding in each portfolio</caption>
          <thead>
            <tr>
              <th scope="col">Holding</th>
              {portfolios.map(({ id, name }, index) => (
                <th key={id} scope="col" class="end">
                  <span class={`swatch fill-${index}`} /> {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map(({ symbol, name, weights }) => (
              <tr key={symbol}>
                <th scope="row" title={name}>
                  {symbol}
                </th>
                {weights.map((weight, index) => (
                  <td key={portfolios[index]?.id} class="end figure">
                    {weight ? percent(weight) : "–"}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {holdings.length > shown.length && (
        <p class="hint">And {count(holdings.length - shown.length, "smaller holding")}.</p>
      )}
    </Card>
  );
}
