import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError } from "../../api/client.ts";
import type { HoldingInput, PortfolioView } from "../../api/schema.ts";
import { count, number, percent } from "../../app/format.ts";
import { SECTORS, TYPES, word } from "../../app/words.ts";
import { Icon } from "../../ui/icons.tsx";
import { Amount, Button, Card, Failure, Notice } from "../../ui/parts.tsx";
import { say } from "../../ui/toast.tsx";
import { isExact, replacing, toInput } from "./saving.ts";

type Column = "symbol" | "type" | "sector" | "shares" | "dollarAmount";
const COLUMNS: readonly [Column, string, boolean][] = [
  ["symbol", "Holding", false],
  ["type", "Type", false],
  ["sector", "Sector", false],
  ["shares", "Shares", true],
  ["dollarAmount", "Value", true],
];

/** The holdings, to be sorted, and to be changed in place. */
export function Holdings({ portfolio, onSaved }: { portfolio: PortfolioView; onSaved: () => void }) {
  const [editing, edit] = useState(false);
  const aside = !editing && (
    <Button icon="edit" onClick={() => edit(true)} class="no-print">
      Edit holdings
    </Button>
  );
  return (
    <Card title="Holdings" className="holdings" aside={aside}>
      {editing ? (
        <Editor
          portfolio={portfolio}
          onDone={(saved) => {
            edit(false);
            if (saved) onSaved();
          }}
        />
      ) : (
        <Table portfolio={portfolio} />
      )}
    </Card>
  );
}

function Table({ portfolio }: { portfolio: PortfolioView }) {
  const [by, setBy] = useState<Column>("dollarAmount");
  const [down, setDown] = useState(true);
  const sorted = [...portfolio.assets].sort(
    (a, b) => compare(a[by], b[by]) * (down ? -1 : 1) || compare(a.symbol, b.symbol),
  );
  const sort = (column: Column, figures: boolean) => {
    setDown(column === by ? !down : figures);
    setBy(column);
  };
  return (
    <table>
      <caption class="unseen">Holdings of {portfolio.name}</caption>
      <thead>
        <tr>
          {COLUMNS.map(([column, title, figures]) => (
            <th
              key={column}
              scope="col"
              class={figures ? "end" : ""}
              aria-sort={column === by ? (down ? "descending" : "ascending") : undefined}
            >
              <button type="button" class="sort" onClick={() => sort(column, figures)}>
                {title} {column === by && <span aria-hidden="true">{down ? "▼" : "▲"}</span>}
              </button>
            </th>
          ))}
          <th scope="col" class="end">
            Share
          </th>
        </tr>
      </thead>
      <tbody>
        {sorted.map((holding) => (
          <tr key={holding.id}>
            <th scope="row">
              <a class="symbol-link" href={`/market/${encodeURIComponent(holding.symbol)}`}>
                {holding.symbol}
              </a>
              <span class="sub" title={holding.name}>
                {holding.name}
              </span>
            </th>
            <td data-label="Type">{word(holding.type)}</td>
            <td data-label="Sector">{word(holding.sector)}</td>
            <td data-label="Shares" class="end figure">
              {number(holding.shares, 6)}
            </td>
            <td data-label="Value" class="end">
              <Amount value={holding.dollarAmount} currency={portfolio.currency} />
            </td>
            <td data-label="Share" class="end figure">
              {percent(holding.allocationPercentage / 100, 2)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function compare(a: string | number | null, b: string | number | null): number {
  if (typeof a === "number" || typeof b === "number") return Number(a ?? -1) - Number(b ?? -1);
  return String(a ?? "").localeCompare(String(b ?? ""));
}

interface Row {
  key: string;
  input: HoldingInput;
  isNew: boolean;
}

interface Drawn {
  under: string;
  element: VNode;
}

/** The element made for a row before, if nothing it depends on has changed. */
function remembered(drawn: WeakMap<Row, Drawn>, row: Row, under: string, make: () => VNode): VNode {
  const known = drawn.get(row);
  if (known?.under === under) return known.element;
  const element = make();
  drawn.set(row, { under, element });
  return element;
}

const AT_ONCE = 10;

/** A number that grows up to `all`, a little each frame: the first rows are there at once, however many follow. */
function useGrowing(all: number): number {
  const [grown, grow] = useState(AT_ONCE);
  useEffect(() => {
    if (grown >= all) return;
    const frame = requestAnimationFrame(() => grow(grown + AT_ONCE));
    return () => cancelAnimationFrame(frame);
  }, [grown, all]);
  return Math.min(grown, all);
}

let made = 0;

function Editor({ portfolio, onDone }: { portfolio: PortfolioView; onDone: (saved: boolean) => void }) {
  const [rows, setRows] = useState<Row[]>(() =>
    portfolio.assets.map((holding) => ({ key: holding.id, input: toInput(holding), isNew: false })),
  );
  const drawn = useRef(new WeakMap<Row, Drawn>());
  const shown = useGrowing(rows.length);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const inexact = portfolio.assets.filter((holding) => !isExact(holding));
  if (inexact.length) {
    return (
      <Notice tone="warn" title="These holdings cannot be edited here.">
        <p>
          {inexact.map((holding) => holding.symbol).join(", ")}: the numbers have more digits than a browser
          keeps exactly. Update the portfolio from a file, which keeps every digit.
        </p>
        <p>
          <Button onClick={() => onDone(false)}>Back</Button>
        </p>
      </Notice>
    );
  }

  const change = (key: string, part: Partial<HoldingInput>) =>
    setRows((present) =>
      present.map((row) => (row.key === key ? { ...row, input: { ...row.input, ...part } } : row)),
    );
  const problems = error instanceof ApiError ? error.problems : [];
  const isRule =
    problems.length > 0 && problems.every((problem) => problem.message.includes("overrideRules"));

  const save = async (overrideRules: boolean) => {
    setBusy(true);
    setError(undefined);
    try {
      const saved = await replacing(portfolio, {
        assets: rows.map((row) => withPrice(row.input)),
        overrideRules,
      });
      say(
        saved.changes.length ? `Saved: ${count(saved.changes.length, "change")}.` : "Nothing had changed.",
        async () => {
          await replacing({ ...portfolio, version: saved.version }, {}).catch((reason) =>
            say(reason.message),
          );
          onDone(true);
        },
      );
      onDone(true);
    } catch (reason) {
      setError(reason as Error);
      setBusy(false);
    }
  };

  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void save(false);
      }}
    >
      <table>
        <caption class="unseen">Edit the holdings of {portfolio.name}</caption>
        <thead>
          <tr>
            <th scope="col">Holding</th>
            <th scope="col">Type</th>
            <th scope="col">Sector</th>
            <th scope="col" class="end">
              Value in {portfolio.currency}
            </th>
            <th scope="col">
              <span class="unseen">Remove</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, shown).map((row, index) =>
            // An element that is the same as before is not looked at again, and typing changes one row.
            remembered(drawn.current, row, `${index}${JSON.stringify(problems)}`, () => (
              <EditRow
                key={row.key}
                row={row}
                problems={problems
                  .filter(({ field }) => field.startsWith(`assets.${index}.`))
                  .map(withoutCodes)}
                onChange={(part) => change(row.key, part)}
                onRemove={() => setRows((present) => present.filter((other) => other.key !== row.key))}
              />
            )),
          )}
        </tbody>
      </table>
      <Button
        icon="plus"
        onClick={() =>
          setRows([...rows, { key: `new-${++made}`, input: { symbol: "", dollarAmount: null }, isNew: true }])
        }
      >
        Add a holding
      </Button>
      {isRule ? (
        <div class="question">
          <h3>Is the portfolio really so?</h3>
          {problems.map((problem) => (
            <p key={problem.message}>{withoutCodes(problem)}</p>
          ))}
          <div class="actions">
            <Button kind="primary" busy={busy} onClick={() => void save(true)}>
              Yes, save it so
            </Button>
          </div>
        </div>
      ) : (
        error && (
          <Refusal
            error={error}
            problems={problems.filter((problem) => !/^assets\.\d+\./.test(problem.field))}
          />
        )
      )}
      <div class="actions editor-foot">
        <Button kind="primary" type="submit" busy={busy} disabled={!rows.length}>
          Save
        </Button>
        <Button onClick={() => onDone(false)}>Cancel</Button>
      </div>
    </form>
  );
}

function Refusal({ error, problems }: { error: Error; problems: { message: string }[] }) {
  if (error instanceof ApiError && error.code === "CONFLICT") {
    return (
      <Notice tone="bad" title="Somebody changed this portfolio meanwhile.">
        <p>Load it again to see what changed, then make your changes anew.</p>
        <p>
          <Button onClick={() => location.reload()}>Load again</Button>
        </p>
      </Notice>
    );
  }
  if (!(error instanceof ApiError && error.problems.length)) return <Failure error={error} />;
  return (
    <Notice tone="bad" title="Not saved yet: see the marked holdings.">
      {problems.map((problem) => (
        <p key={problem.message}>{problem.message}</p>
      ))}
    </Notice>
  );
}

function withoutCodes({ message }: { message: string }): string {
  return message.replace(/,? or confirm with overrideRules[^.]*\./, ".");
}

/** The price the amount implies: shares are worth what the row says they are worth. */
function withPrice(input: HoldingInput): HoldingInput {
  const { shares, dollarAmount } = input;
  return shares && dollarAmount
    ? { ...input, currentPrice: Number((dollarAmount / shares).toPrecision(12)) }
    : input;
}

function EditRow({
  row: { input, isNew },
  problems,
  onChange,
  onRemove,
}: {
  row: Row;
  problems: string[];
  onChange: (part: Partial<HoldingInput>) => void;
  onRemove: () => void;
}) {
  const name = input.symbol || "the new holding";
  return (
    <>
      <tr>
        <th scope="row">
          {isNew ? (
            <input
              aria-label="Symbol"
              class="symbol"
              required
              maxLength={20}
              pattern="\s*[A-Za-z0-9][A-Za-z0-9.\-]*\s*"
              title="Letters, digits, dots and dashes"
              autocapitalize="characters"
              value={input.symbol}
              onInput={(event) => onChange({ symbol: event.currentTarget.value.toUpperCase() })}
            />
          ) : (
            <>
              {input.symbol}
              <span class="sub" title={input.name ?? ""}>
                {input.name}
              </span>
            </>
          )}
        </th>
        <td data-label="Type">
          <Choice
            label={`Type of ${name}`}
            value={input.type ?? ""}
            options={TYPES}
            unset={isNew}
            onChange={(type) => onChange({ type })}
          />
        </td>
        <td data-label="Sector">
          <Choice
            label={`Sector of ${name}`}
            value={input.sector ?? ""}
            options={SECTORS}
            unset={isNew}
            onChange={(sector) => onChange({ sector })}
          />
        </td>
        <td data-label="Value" class="end">
          <input
            aria-label={`Value of ${name}`}
            type="number"
            inputMode="decimal"
            min="0"
            step="0.01"
            required
            value={input.dollarAmount ?? ""}
            aria-invalid={problems.length ? "true" : undefined}
            onInput={(event) => {
              const amount = event.currentTarget.valueAsNumber;
              onChange({ dollarAmount: Number.isNaN(amount) ? null : amount });
            }}
          />
        </td>
        <td class="end">
          <button type="button" class="icon-button" aria-label={`Remove ${name}`} onClick={onRemove}>
            <Icon name="trash" size={18} />
          </button>
        </td>
      </tr>
      {problems.map((problem) => (
        <tr key={problem} class="row-problem">
          <td colSpan={5} class="field-error wide">
            {problem}
          </td>
        </tr>
      ))}
    </>
  );
}

/**
 * A choice among words. Fifty holdings have a thousand options between them, so they are made when somebody
 * comes near; until then there is the chosen one.
 */
function Choice<T extends string>({
  label,
  value,
  options,
  unset,
  onChange,
}: {
  label: string;
  value: string;
  options: readonly T[];
  unset: boolean;
  onChange: (value: T) => void;
}) {
  const [near, setNear] = useState(false);
  const approach = () => setNear(true);
  const offered = near ? options : options.filter((option) => option === value);
  return (
    <select
      aria-label={label}
      value={value}
      onFocus={approach}
      onPointerEnter={approach}
      onPointerDown={approach}
      onChange={(event) => onChange(event.currentTarget.value as T)}
    >
      {unset && <option value="">Find out</option>}
      {offered.map((option) => (
        <option key={option} value={option} selected={option === value}>
          {word(option)}
        </option>
      ))}
    </select>
  );
}
