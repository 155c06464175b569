import type { PortfolioView } from "../../api/schema.ts";
import { number, shortMoney } from "../../app/format.ts";
import { Icon } from "../../ui/icons.tsx";
import { Button, Card, Field, Select } from "../../ui/parts.tsx";
import { type Aim, type Draft, ownSum } from "./wish.ts";

const AIMS: readonly (readonly [Aim, string, string])[] = [
  ["conservative", "Conservative", "30% equity, 60% bonds, 10% cash"],
  ["moderate", "Moderate", "60% equity, 35% bonds, 5% cash"],
  ["aggressive", "Aggressive", "85% equity, 12% bonds, 3% cash"],
  ["equal_weight", "Equal weights", "As much of each holding"],
  ["risk_parity", "Equal risk", "Each holding adds as much risk; needs prices"],
  ["minimum_variance", "Least volatility", "As calm as these holdings can be; needs prices"],
  ["own", "My own targets", "A percentage for each holding"],
];
const SUMS = [1000, 5000, 10_000];

/** What to aim for, with how much new money, and within which limits. */
export function Wish({
  portfolio,
  draft,
  onChange,
}: {
  portfolio: PortfolioView;
  draft: Draft;
  onChange: (draft: Draft) => void;
}) {
  const change = (part: Partial<Draft>) => onChange({ ...draft, ...part });
  return (
    <Card>
      <form class="form" onSubmit={(event) => event.preventDefault()}>
        <div class="form">
          <Field
            label={`New money in ${portfolio.currency}`}
            hint="A negative amount is taken out."
            type="number"
            inputMode="decimal"
            step="0.01"
            value={draft.cashFlow || ""}
            placeholder="0"
            onInput={(event) => change({ cashFlow: event.currentTarget.valueAsNumber || 0 })}
          />
          <div class="actions" role="group" aria-label="New money">
            {SUMS.map((sum) => (
              <Button
                key={sum}
                aria-pressed={draft.cashFlow === sum}
                onClick={() => change({ cashFlow: draft.cashFlow === sum ? 0 : sum })}
              >
                +{shortMoney(sum, portfolio.currency)}
              </Button>
            ))}
          </div>
        </div>
        <fieldset class="form aims">
          <legend>Aim for</legend>
          {AIMS.map(([aim, title, text]) => (
            <label key={aim} class="choice">
              <input type="radio" name="aim" checked={draft.aim === aim} onChange={() => change({ aim })} />
              <span>
                <b>{title}</b>
                <span class="small quiet-text">{text}</span>
              </span>
            </label>
          ))}
        </fieldset>
        {draft.aim === "own" && <Own draft={draft} onChange={change} />}
        <details>
          <summary>Limits</summary>
          <div class="form limits">
            <Select
              label="Trades"
              value={draft.mode}
              options={[
                ["full", "Buy and sell"],
                ["buy_only", "Only buy"],
                ["sell_only", "Only sell"],
              ]}
              onChange={(event) => change({ mode: event.currentTarget.value as Draft["mode"] })}
            />
            <label class="check">
              <input
                type="checkbox"
                checked={draft.fractionalShares}
                onChange={(event) => change({ fractionalShares: event.currentTarget.checked })}
              />
              <span>Parts of shares can be traded</span>
            </label>
            <Optional
              label={`Smallest trade in ${portfolio.currency}`}
              value={draft.minTrade}
              onValue={(minTrade) => change({ minTrade })}
            />
            <Optional
              label="Leave alone within, percentage points"
              hint="5 points, or a quarter of the target where that is less, if left empty."
              max={100}
              value={draft.band}
              onValue={(band) => change({ band })}
            />
            <Optional
              label="Largest single position, %"
              max={100}
              value={draft.maxPosition}
              onValue={(maxPosition) => change({ maxPosition })}
            />
            <fieldset class="never">
              <legend>Never sell</legend>
              {portfolio.assets.map(({ symbol }) => (
                <label key={symbol} class="check">
                  <input
                    type="checkbox"
                    checked={draft.neverSell.includes(symbol)}
                    onChange={(event) =>
                      change({
                        neverSell: event.currentTarget.checked
                          ? [...draft.neverSell, symbol]
                          : draft.neverSell.filter((kept) => kept !== symbol),
                      })
                    }
                  />
                  <span>{symbol}</span>
                </label>
              ))}
            </fieldset>
          </div>
        </details>
      </form>
    </Card>
  );
}

function Optional({
  label,
  hint,
  max,
  value,
  onValue,
}: {
  label: string;
  hint?: string;
  max?: number;
  value: number | null;
  onValue: (value: number | null) => void;
}) {
  return (
    <Field
      label={label}
      hint={hint}
      type="number"
      inputMode="decimal"
      min="0"
      max={max}
      step="0.01"
      value={value ?? ""}
      onInput={(event) => {
        const typed = event.currentTarget.valueAsNumber;
        onValue(Number.isNaN(typed) ? null : typed);
      }}
    />
  );
}

/** The owner's own weights: those of today to begin with, and whatever is to be bought. */
function Own({ draft, onChange }: { draft: Draft; onChange: (part: Partial<Draft>) => void }) {
  const sum = ownSum(draft);
  const set = (index: number, part: Partial<Draft["own"][number]>) =>
    onChange({ own: draft.own.map((target, at) => (at === index ? { ...target, ...part } : target)) });
  return (
    <fieldset class="own">
      <legend class="unseen">My own targets</legend>
      {draft.own.map(({ key, percent }, index) => (
        <div key={index} class="own-row">
          <input
            aria-label={`Symbol of target ${index + 1}`}
            value={key}
            maxLength={20}
            autocapitalize="characters"
            onInput={(event) => set(index, { key: event.currentTarget.value.toUpperCase() })}
          />
          <input
            aria-label={`Percent of ${key || "the new symbol"}`}
            type="number"
            inputMode="decimal"
            min="0"
            max="100"
            step="0.01"
            value={percent ?? ""}
            onInput={(event) => set(index, { percent: event.currentTarget.valueAsNumber || 0 })}
          />
          <button
            type="button"
            class="icon-button"
            aria-label={`Remove ${key || "this target"}`}
            onClick={() => onChange({ own: draft.own.filter((_, at) => at !== index) })}
          >
            <Icon name="close" size={16} />
          </button>
        </div>
      ))}
      <div class="own-foot">
        <Button icon="plus" onClick={() => onChange({ own: [...draft.own, { key: "", percent: null }] })}>
          Add a symbol
        </Button>
        <p class={`figure ${sum === 100 ? "" : "field-error"}`} role="status">
          {number(sum, 2)} of 100%
        </p>
      </div>
    </fieldset>
  );
}
