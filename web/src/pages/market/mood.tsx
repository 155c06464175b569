import type { OutlookView } from "../../api/schema.ts";
import { count, day, moment } from "../../app/format.ts";
import { word } from "../../app/words.ts";
import { Card, DataTable, Notice } from "../../ui/parts.tsx";

const MARKS: Record<string, string> = { positive: "▲", neutral: "■", negative: "▼" };

/** The mood of the news, day by day, and the headlines behind it. */
export function Mood({ outlook: { sentiment, missing } }: { outlook: OutlookView }) {
  if (!sentiment) {
    return (
      <Card title="News">
        <Notice title="There is no news to judge.">
          <p>{missing.sentiment?.message ?? ""}</p>
        </Notice>
      </Card>
    );
  }
  const { days, headlines, source, asOf, model, firstDay, lastDay, complete } = sentiment;
  return (
    <>
      <Card title="Mood of the news" className="half">
        {days.length ? (
          <Days days={[...days].reverse()} />
        ) : (
          <p class="quiet-text">
            There was no news from {day(firstDay)} to {day(lastDay)}.
          </p>
        )}
        <p class="hint coverage">
          {day(firstDay)} to {day(lastDay)}
          {!complete && ", not all articles"}. Source: {source}, judged {moment(asOf)}
          {model && ` by the model ${model}`}.
        </p>
      </Card>
      {headlines.length > 0 && (
        <Card title="Headlines" className="half">
          <ul class="headlines">
            {headlines.slice(0, 10).map(({ title, url, publisher, published, label }) => (
              <li key={url}>
                <a href={url} target="_blank" rel="noreferrer">
                  {title}
                </a>
                <span class="hint">
                  {publisher} · {moment(published)} {label && <Label label={label} />}
                </span>
              </li>
            ))}
          </ul>
        </Card>
      )}
    </>
  );
}

function Label({ label }: { label: string }) {
  const tone = { positive: "low", negative: "high" }[label] ?? "";
  return (
    <span class={`chip ${tone}`}>
      <span aria-hidden="true">{MARKS[label]}</span> {word(label)}
    </span>
  );
}

type Day = NonNullable<OutlookView["sentiment"]>["days"][number];

/** Sentences of each day: good ones above the line, bad ones below. */
function Days({ days }: { days: Day[] }) {
  const most = Math.max(1, ...days.map(({ positive, negative }) => Math.max(positive, negative)));
  const step = 100 / days.length;
  return (
    <div class="chart">
      <svg
        class="mood"
        viewBox="0 0 100 60"
        preserveAspectRatio="none"
        role="img"
        aria-label={`Sentences of ${count(days.length, "day")} with news, by mood`}
      >
        {days.map(({ date, positive, negative }, index) => (
          <g key={date}>
            <rect
              class="good"
              x={index * step + step * 0.15}
              width={step * 0.7}
              y={30 - (positive / most) * 28}
              height={(positive / most) * 28}
            />
            <rect
              class="bad"
              x={index * step + step * 0.15}
              width={step * 0.7}
              y="30"
              height={(negative / most) * 28}
            />
          </g>
        ))}
        <line class="zero" x1="0" x2="100" y1="30" y2="30" />
      </svg>
      <ul class="key" aria-label="Key">
        <li>
          <span class="swatch good" /> Positive, above
        </li>
        <li>
          <span class="swatch bad" /> Negative, below
        </li>
      </ul>
      <DataTable
        caption="Sentences by mood and day"
        head={["Day", "Articles", "Positive", "Neutral", "Negative"]}
        rows={[...days]
          .reverse()
          .map((each) => [day(each.date), each.articles, each.positive, each.neutral, each.negative])}
      />
    </div>
  );
}
