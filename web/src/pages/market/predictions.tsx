import type { HorizonDetail, OutlookView } from "../../api/schema.ts";
import { count, day, number, percent } from "../../app/format.ts";
import { Card, Notice } from "../../ui/parts.tsx";

const HORIZONS = [
  ["next", "Next day"],
  ["week", "Two weeks"],
  ["month", "One month"],
] as const;

/** Which way the price may go, never without how often such predictions were right. */
export function Predictions({ outlook: { prediction, missing } }: { outlook: OutlookView }) {
  if (!prediction) {
    return (
      <Card title="Prediction">
        <Notice title="There is no prediction.">
          <p>{missing.prediction?.message ?? ""}</p>
        </Notice>
      </Card>
    );
  }
  const { detail, asOf, days, firstDay } = prediction;
  const skilled = HORIZONS.some(([key]) => detail[key].skill);
  return (
    <Card title="Prediction">
      <div class="stack">
        {!skilled && (
          <Notice
            tone="warn"
            title="No skill: these predictions did no better than always naming the more frequent direction."
          >
            <p>Do not act on them. We show them so that you can see it.</p>
          </Notice>
        )}
        <div class="horizons">
          {HORIZONS.map(([key, title]) => (
            <Horizon key={key} title={title} horizon={detail[key]} />
          ))}
        </div>
        <p class="hint">
          Looking ahead from {day(asOf)}, learned from {count(days, "trading day")} since {day(firstDay)}.
          This is information, not advice.
        </p>
      </div>
    </Card>
  );
}

function Horizon({ title, horizon }: { title: string; horizon: HorizonDetail }) {
  const {
    direction,
    probabilityUp,
    accuracy,
    baselineAccuracy,
    confidenceInterval: interval,
    skill,
    explanation,
    independentEvaluations,
  } = horizon;
  const up = direction === "up";
  return (
    <section class={`horizon ${skill ? "" : "unproven"}`} aria-label={title}>
      <h3>
        {title} <span class={`chip ${skill ? "low" : "moderate"}`}>{skill ? "Some skill" : "No skill"}</span>
      </h3>
      <p class="direction">
        <span aria-hidden="true">{up ? "▲" : "▼"}</span> {up ? "Up" : "Down"}
        {probabilityUp !== null && (
          <span class="quiet-text small">
            {" "}
            {percent(up ? probabilityUp : 1 - probabilityUp, 0)} likely, by the model
          </span>
        )}
      </p>
      {accuracy !== null && (
        <dl class="pairs-of">
          <dt>Right so far</dt>
          <dd class="figure">
            {percent(accuracy)}
            {interval && ` (${percent(interval.lower, 0)} to ${percent(interval.upper, 0)})`}
          </dd>
          <dt>Always naming one direction</dt>
          <dd class="figure">{percent(baselineAccuracy)}</dd>
          <dt>Independent tries</dt>
          <dd class="figure">{number(independentEvaluations, 0)}</dd>
        </dl>
      )}
      <p class="small quiet-text">{explanation}</p>
    </section>
  );
}
