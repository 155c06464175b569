import type { GroupView, RebalancePlan, RiskChange, TradeView } from "../../api/schema.ts";
import { count, day, moment, money, number, percent, signed, signedPercent } from "../../app/format.ts";
import { word } from "../../app/words.ts";
import { Amount, Card, DataTable, Delta, Notice } from "../../ui/parts.tsx";

/** The plan: what to trade, why, and what it changes. */
export function Plan({ plan }: { plan: RebalancePlan }) {
  return (
    <div class="stack">
      <Summary plan={plan} />
      <Groups groups={plan.groups} />
      <Trades plan={plan} />
      <RiskChanges changes={plan.riskChange} />
      <Words plan={plan} />
    </div>
  );
}

function Summary({ plan }: { plan: RebalancePlan }) {
  const { currency, trades, valueBefore, valueAfter, residualCash, turnover, valuation } = plan;
  return (
    <Card title="The plan">
      <dl class="facts">
        <div>
          <dt>Trades</dt>
          <dd>{trades.length ? number(trades.length, 0) : "None needed"}</dd>
        </div>
        <div>
          <dt>Value before</dt>
          <dd>
            <Amount value={valueBefore} currency={currency} />
          </dd>
        </div>
        <div>
          <dt>Value after</dt>
          <dd>
            <Amount value={valueAfter} currency={currency} />
          </dd>
        </div>
        <div>
          <dt>Cash left over</dt>
          <dd>
            <Amount value={residualCash} currency={currency} />
          </dd>
        </div>
        <div>
          <dt>Turnover</dt>
          <dd>{percent(turnover / 100)}</dd>
        </div>
      </dl>
      <p class="hint coverage">
        {valuation.basis === "closes"
          ? `At the closing prices of ${day(valuation.asOf)}.`
          : "At the values stated in the portfolio."}{" "}
        Planned {moment(plan.asOf)}.
      </p>
    </Card>
  );
}

/** Weights before and after, each against its band. */
function Groups({ groups }: { groups: GroupView[] }) {
  const widest = Math.max(
    1,
    ...groups.flatMap((group) => [group.weightBefore, group.weightAfter, group.highestWeight]),
  );
  const place = (weight: number) => `${(weight / widest) * 100}%`;
  return (
    <Card title="Before and after" aside={<Key />}>
      <ul class="bars before-after">
        {groups.map((group) => (
          <li key={group.key}>
            <span>{word(group.label)}</span>
            <span class="figure">
              {percent(group.weightBefore / 100)} → <strong>{percent(group.weightAfter / 100)}</strong>
              <span class="quiet-text"> target {percent(group.targetWeight / 100)}</span>
            </span>
            <svg class="weights" aria-hidden="true">
              <rect class="ground" width="100%" height="100%" rx="4" />
              <rect
                class="band"
                x={place(group.lowestWeight)}
                width={`${((group.highestWeight - group.lowestWeight) / widest) * 100}%`}
                height="100%"
              />
              <rect class="was" width={place(group.weightBefore)} y="4" height="6" rx="3" />
              <rect class="will" width={place(group.weightAfter)} y="14" height="6" rx="3" />
              <line
                class="target"
                x1={place(group.targetWeight)}
                x2={place(group.targetWeight)}
                y1="0"
                y2="24"
              />
            </svg>
          </li>
        ))}
      </ul>
      <DataTable
        caption="Weights before and after"
        head={["Part", "Before", "After", "Target", "Band"]}
        rows={groups.map((group) => [
          word(group.label),
          percent(group.weightBefore / 100, 2),
          percent(group.weightAfter / 100, 2),
          percent(group.targetWeight / 100, 2),
          `${number(group.lowestWeight)} to ${number(group.highestWeight)}%`,
        ])}
      />
    </Card>
  );
}

function Key() {
  return (
    <ul class="key" aria-label="Key">
      <li>
        <span class="swatch was" /> Before
      </li>
      <li>
        <span class="swatch will" /> After
      </li>
      <li>
        <span class="swatch band" /> Band
      </li>
    </ul>
  );
}

function Trades({ plan: { trades, currency } }: { plan: RebalancePlan }) {
  if (!trades.length) {
    return <Notice tone="good" title="Everything is inside its band: there is nothing to trade." />;
  }
  return (
    <Card title={count(trades.length, "trade")} className="holdings">
      <table>
        <caption class="unseen">Trades of the plan</caption>
        <thead>
          <tr>
            <th scope="col">Trade</th>
            <th scope="col" class="end">
              Shares
            </th>
            <th scope="col" class="end">
              Price
            </th>
            <th scope="col" class="end">
              Amount
            </th>
          </tr>
        </thead>
        <tbody>
          {trades.map((trade) => (
            <Row key={`${trade.symbol}${trade.action}`} trade={trade} currency={currency} />
          ))}
        </tbody>
      </table>
    </Card>
  );
}

function Row({ trade, currency }: { trade: TradeView; currency: string }) {
  const buys = trade.action === "buy";
  return (
    <tr>
      <th scope="row">
        <span class={`action ${trade.action}`}>
          <span aria-hidden="true">{buys ? "▲" : "▼"}</span> {buys ? "Buy" : "Sell"}
        </span>{" "}
        {trade.symbol}
        <span class="sub wrap" title={trade.name}>
          {trade.reason}
        </span>
      </th>
      <td data-label="Shares" class="end figure">
        {number(trade.shares, 6)}
      </td>
      <td data-label="Price" class="end figure">
        {trade.price === null ? number(null) : money(trade.price, currency)}
        <span class="sub">
          {trade.priceDate ? `close of ${day(trade.priceDate)}` : trade.price !== null && "as you hold it"}
        </span>
      </td>
      <td data-label="Amount" class="end">
        <Amount value={trade.amount} currency={currency} />
      </td>
    </tr>
  );
}

/** The metrics people ask for; whether less of it is better; and how it is written. */
const METRICS: Record<string, { name: string; lower: boolean; share?: boolean; decimals?: number }> = {
  overallRiskScore: { name: "Risk score", lower: true },
  volatility: { name: "Volatility a year", lower: true, share: true },
  hhiLookThrough: { name: "Concentration, through funds", lower: true, decimals: 3 },
  "topHoldings.1": { name: "Largest holding", lower: true, share: true },
  sectorConcentration: { name: "Largest sector", lower: true, share: true },
  geographicRisk: { name: "United States", lower: true, share: true },
  creditRisk: { name: "Risky bonds", lower: true, share: true },
  "diversification.composite": { name: "Diversification", lower: false },
};

function RiskChanges({ changes }: { changes: RiskChange[] }) {
  const shown = changes.filter(
    ({ metric, before, after }) => METRICS[metric] && (before !== null || after !== null),
  );
  return (
    <Card title="What it does to the risk">
      <table class="risk-change">
        <caption class="unseen">Risk before and after</caption>
        <thead>
          <tr>
            <th scope="col">Measure</th>
            <th scope="col" class="end">
              Before
            </th>
            <th scope="col" class="end">
              After
            </th>
            <th scope="col" class="end">
              Change
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ metric, before, after, change }) => {
            const { name, lower, share, decimals = 1 } = METRICS[metric] ?? { name: metric, lower: true };
            const write = (value: number | null) =>
              share ? percent(value) : number(value, decimals, decimals);
            const rounded = change === null ? 0 : Number(change.toFixed(share ? 3 : decimals));
            return (
              <tr key={metric}>
                <th scope="row">{name}</th>
                <td class="end figure">{write(before)}</td>
                <td class="end figure">{write(after)}</td>
                <td class="end">
                  {change === null ? (
                    number(null)
                  ) : (
                    <Delta
                      value={rounded}
                      lowerIsBetter={lower}
                      text={share ? signedPercent(rounded) : signed(rounded, decimals)}
                    />
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Card>
  );
}

function Words({ plan }: { plan: RebalancePlan }) {
  return (
    <>
      {plan.steps.length > 0 && (
        <Card title="Step by step">
          <ol class="plain-list">
            {plan.steps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        </Card>
      )}
      {plan.recommendations.length > 0 && (
        <Card title="What we noticed">
          <ul class="plain-list">
            {plan.recommendations.map(({ message }) => (
              <li key={message}>{message}</li>
            ))}
          </ul>
        </Card>
      )}
      {plan.notes.map((note) => (
        <p key={note} class="hint">
          {note}
        </p>
      ))}
      <p class="hint">{plan.disclaimer} Taxes and your broker's fees are not counted.</p>
    </>
  );
}
