import { useState } from "preact/hooks";
import type { UploadView } from "../../api/schema.ts";
import { FIELDS, word } from "../../app/words.ts";
import { Button, Card, Field, Notice } from "../../ui/parts.tsx";
import { type Ambiguity, ambiguities, type Decisions, needsTotal } from "./reading.ts";

const OPTIONS = [["ignore", "Leave out"], ...FIELDS.map((field) => [field, word(field)])] as [
  string,
  string,
][];
const NEEDED = "a symbol (or ISIN), and a market value, an allocation or shares with a price";

/** What each column means: as it was understood, with samples, to be corrected. */
export function Mapping({
  view,
  decisions,
  onBack,
  onContinue,
}: {
  view: UploadView;
  decisions: Decisions;
  onBack: () => void;
  onContinue: (decisions: Decisions, changed: boolean) => void;
}) {
  const [draft, setDraft] = useState(decisions);
  const columns = view.preview?.columns ?? [];
  const open = ambiguities(view, draft);
  const total = needsTotal(view) || decisions.totalValue !== null;
  const unanswered = open.some(({ place }) => !draft.formats[place]) || (total && !draft.totalValue);
  const fieldOf = (place: number) => draft.fields[place] ?? columns[place]?.field ?? "ignore";
  const missing = view.errors.filter((error) => error.code === "MISSING_COLUMN");

  const choose = (place: number, field: string) => {
    const fields = { ...draft.fields, [place]: field };
    // A field has one column: whoever had it before gives it up.
    columns.forEach((_, other) => {
      if (other !== place && field !== "ignore" && fieldOf(other) === field) fields[other] = "ignore";
    });
    setDraft({ ...draft, fields });
  };

  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        onContinue(draft, JSON.stringify(draft) !== JSON.stringify(decisions));
      }}
    >
      {missing.map(({ message }) => (
        <Notice key={message} tone="bad" title={message}>
          We need {NEEDED}.
        </Notice>
      ))}
      {open.map((ambiguity) => (
        <Question
          key={ambiguity.place}
          ambiguity={ambiguity}
          answer={draft.formats[ambiguity.place]}
          onAnswer={(format) =>
            setDraft({ ...draft, formats: { ...draft.formats, [ambiguity.place]: format } })
          }
        />
      ))}
      {total && (
        <div class="question">
          <h2>What is the portfolio worth in total?</h2>
          <p>The file has percentages only. With the total, each holding's value follows from them.</p>
          <Field
            label="Total value"
            inputMode="decimal"
            type="number"
            min="0.01"
            step="0.01"
            required
            defaultValue={draft.totalValue ?? ""}
            onInput={(event) => setDraft({ ...draft, totalValue: event.currentTarget.valueAsNumber || null })}
          />
        </div>
      )}
      <Card title="How the columns were understood" className="mapping">
        <table>
          <thead>
            <tr>
              <th scope="col">In your file</th>
              <th scope="col">Samples</th>
              <th scope="col">Read as</th>
            </tr>
          </thead>
          <tbody>
            {columns.map((column, place) => (
              <tr key={place}>
                <th scope="row">{column.header || `Column ${place + 1}`}</th>
                <td class="samples">
                  {column.samples.filter(Boolean).map((sample, index) => (
                    <span key={index}>{sample}</span>
                  ))}
                </td>
                <td>
                  <select
                    aria-label={`Read ${column.header || `column ${place + 1}`} as`}
                    value={fieldOf(place)}
                    onChange={(event) => choose(place, event.currentTarget.value)}
                  >
                    {OPTIONS.map(([value, text]) => (
                      <option key={value} value={value} selected={value === fieldOf(place)}>
                        {text}
                      </option>
                    ))}
                  </select>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Card>
      <div class="step-foot">
        <Button onClick={onBack}>Back</Button>
        <Button kind="primary" type="submit" disabled={unanswered}>
          Continue to review
        </Button>
      </div>
    </form>
  );
}

/** A wrong factor of a thousand is worse than a question. */
function Question({
  ambiguity: { place, header, readings },
  answer,
  onAnswer,
}: {
  ambiguity: Ambiguity;
  answer: string | undefined;
  onAnswer: (format: string) => void;
}) {
  const [thousands, decimals] = readings;
  if (!thousands || !decimals) return null;
  return (
    <fieldset class="question">
      <legend class="unseen">How the numbers of {header} are written</legend>
      <h2>Are these thousands or decimals?</h2>
      <p>
        The numbers under “{header}” can be read in two ways, and nothing else in the file says which. We ask
        rather than guess.
      </p>
      <div class="choices">
        {(
          [
            [thousands, "Thousands"],
            [decimals, "Decimals"],
          ] as const
        ).map(([reading, title]) => (
          <label key={title} class="choice">
            <input
              type="radio"
              name={`format-${place}`}
              checked={answer === reading.format}
              onChange={() => onAnswer(reading.format)}
            />
            <span>
              <b>
                {title}: {reading.example} is {plainNumber(reading.samples[0] ?? "")}
              </b>
              <span class="small quiet-text figure">{reading.samples.map(plainNumber).join(" · ")}</span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** A number so that no mark in it can be mistaken: digits in groups by spaces, decimals after a point. */
function plainNumber(value: string): string {
  const [whole = "", decimals] = value.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, "\u202f");
  return decimals && Number(decimals) ? `${grouped}.${decimals}` : grouped;
}
