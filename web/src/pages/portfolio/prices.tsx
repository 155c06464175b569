import { useEffect } from "preact/hooks";
import type { RiskReport, SharedRiskReport } from "../../api/schema.ts";
import { count, day, number, percent, signedPercent } from "../../app/format.ts";
import { word } from "../../app/words.ts";
import { Card, DataTable, Delta, Notice } from "../../ui/parts.tsx";

type Market = RiskReport["market"] | SharedRiskReport["market"];

const LONGEST_WAIT_SECONDS = 60;
const MOST_NAMES = 6;

/** What daily prices say about the portfolio as it is today, and what they do not cover. */
export function Prices({ market, reload }: { market: Market; reload?: () => void }) {
  const { retryAfter } = market.prices;
  useEffect(() => {
    if (!retryAfter || !reload) return;
    // Prices are being fetched at this moment.
    const timer = setTimeout(reload, Math.min(retryAfter, LONGEST_WAIT_SECONDS) * 1000);
    return () => clearTimeout(timer);
  }, [market]);
  return (
    <Card title="What prices say">
      <div class="stack">
        {market.reason ? <Notice title={market.reason} /> : <Facts market={market} />}
        <Basis market={market} />
        {market.riskContributions.length > 0 && <Contributions market={market} />}
      </div>
    </Card>
  );
}

function Facts({ market }: { market: Market }) {
  const { annualReturn, volatility, maxDrawdown: fall, sharpeRatio, valueAtRisk95: loss, benchmark } = market;
  const facts: {
    name: string;
    value: string;
    note?: string | false;
    mark?: number | null;
    reason?: string | null;
  }[] = [
    {
      name: "Return a year",
      value: percent(annualReturn.value),
      mark: annualReturn.value,
      reason: annualReturn.reason,
    },
    { name: "Volatility a year", value: percent(volatility.value), reason: volatility.reason },
    {
      name: "Deepest fall",
      value: percent(fall.value),
      mark: fall.value,
      note: fall.peak !== null && fall.trough !== null && `${day(fall.peak)} to ${day(fall.trough)}`,
      reason: fall.reason,
    },
    { name: "Sharpe ratio", value: number(sharpeRatio.value), reason: sharpeRatio.reason },
    { name: "One day in twenty loses", value: percent(loss.value), note: "or more", reason: loss.reason },
    {
      name: `Beta to ${word(benchmark.symbol)}`,
      value: number(benchmark.beta.value),
      reason: benchmark.beta.reason,
    },
  ];
  return (
    <dl class="facts">
      {facts.map(({ name, value, note, mark, reason }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {mark ? <Delta value={mark} text={signedPercent(mark)} /> : value}
            {(reason || note) && <small>{reason ? reason : note}</small>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** From when to when, how much of the value, and from where. */
function Basis({ market: { prices, reason } }: { market: Market }) {
  const { firstDay, lastDay, days, coverage, missing, sources } = prices;
  return (
    <div class="hint">
      {firstDay && lastDay && !reason && (
        <p>
          Daily closes from {day(firstDay)} to {day(lastDay)} ({count(days, "day")}) of {percent(coverage, 0)}{" "}
          of the value, with today's weights. {sources.length > 0 && `Source: ${sources.join(", ")}.`}
        </p>
      )}
      {missing.map(({ message, symbols, share }) => (
        <p key={message}>
          Without prices: {symbols.slice(0, MOST_NAMES).join(", ")}
          {symbols.length > MOST_NAMES && ` and ${symbols.length - MOST_NAMES} more`} ({percent(share, 0)} of
          the value). {message}
        </p>
      ))}
    </div>
  );
}

/** Where the ups and downs come from, beside where the money is. */
function Contributions({ market: { riskContributions } }: { market: Market }) {
  const shown = [...riskContributions].sort((a, b) => b.share - a.share);
  const widest = Math.max(...shown.flatMap(({ share, weight }) => [Math.abs(share), weight]), 0.01);
  const width = (part: number) => `${(Math.max(0, part) / widest) * 100}%`;
  return (
    <div>
      <div class="card-head">
        <h3>Where the ups and downs come from</h3>
        <ul class="key" aria-label="Key">
          <li>
            <span class="swatch will" /> Share of risk
          </li>
          <li>
            <span class="swatch was" /> Share of value
          </li>
        </ul>
      </div>
      <ul class="bars two-columns">
        {shown.slice(0, 10).map(({ symbol, share, weight }) => (
          <li key={symbol}>
            <span>{symbol}</span>
            <span class="figure">{percent(share)}</span>
            <svg class="weights slim" aria-hidden="true">
              <rect class="ground" width="100%" height="100%" rx="4" />
              <rect class="will" width={width(share)} y="1" height="6" rx="3" />
              <rect class="was" width={width(weight)} y="9" height="4" rx="2" />
            </svg>
          </li>
        ))}
      </ul>
      <DataTable
        caption="Risk contributions"
        head={["Holding", "Share of risk", "Share of value", "Volatility a year"]}
        rows={shown.map(({ symbol, share, weight, volatility }) => [
          symbol,
          percent(share),
          percent(weight),
          percent(volatility),
        ])}
      />
    </div>
  );
}
