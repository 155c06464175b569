/** One ticker: its prices, the mood of its news, and what can be predicted of it, which is often nothing. */

import { useEffect, useState } from "preact/hooks";
import { ApiError, call } from "../api/client.ts";
import type { OutlookView, SearchMatch } from "../api/schema.ts";
import { useData } from "../app/data.ts";
import { day, number, signedPercent } from "../app/format.ts";
import { defaultRange } from "../app/preferences.ts";
import { navigate } from "../app/router.ts";
import { word } from "../app/words.ts";
import { Lines } from "../charts/lines.tsx";
import { Button, Card, Delta, Empty, Failure, Field, Notice, Segments, Skeleton } from "../ui/parts.tsx";
import { Mood } from "./market/mood.tsx";
import { Predictions } from "./market/predictions.tsx";

const RANGES = ["1M", "3M", "6M", "YTD", "1Y", "5Y", "ALL"] as const;
type Range = (typeof RANGES)[number];
const DAYS: Record<Range, number> = {
  "1M": 31,
  "3M": 92,
  "6M": 183,
  YTD: 366,
  "1Y": 366,
  "5Y": 1827,
  ALL: 36_600,
};

export default function Market({ params }: { params: Record<string, string> }) {
  const ticker = params.ticker?.toUpperCase();
  return (
    <>
      <header class="page-head">
        <div>
          <h1 tabIndex={-1}>{ticker ? word(ticker) : "Market"}</h1>
          {!ticker && <p class="lead">Prices, news and predictions of one stock or fund.</p>}
        </div>
      </header>
      <div class="stack">
        <Search />
        {ticker ? (
          <Outlook key={ticker} ticker={ticker} />
        ) : (
          <Card>
            <Empty icon="market" title="Look up a ticker">
              <p>Type a symbol such as AAPL, or part of a company's name, and choose from what is found.</p>
            </Empty>
          </Card>
        )}
      </div>
    </>
  );
}

function Search() {
  const [text, setText] = useState("");
  const [found, setFound] = useState<SearchMatch[]>([]);
  useEffect(() => {
    setFound([]);
    if (text.trim().length < 2) return;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      call("GET /v1/search", { query: { query: text.trim() }, signal: stop.signal })
        .then((matches) => setFound(matches.slice(0, 8)))
        .catch(() => undefined); // whoever knows the ticker needs no search
    }, 300);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text]);
  const go = (ticker: string) => {
    if (/^\^?[A-Za-z0-9][A-Za-z0-9.-]{0,18}$/.test(ticker))
      navigate(`/market/${encodeURIComponent(ticker.toUpperCase())}`);
  };
  return (
    <form
      class="search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        go(text.trim());
      }}
    >
      <Field
        label="Ticker or name"
        value={text}
        autocomplete="off"
        maxLength={60}
        onInput={(event) => setText(event.currentTarget.value)}
      >
        <Button kind="primary" type="submit" class="beside">
          Show
        </Button>
      </Field>
      {found.length > 0 && (
        <ul class="found">
          {found.map(({ ticker, name }) => (
            <li key={ticker}>
              <a href={`/market/${encodeURIComponent(ticker)}`}>
                <strong>{ticker}</strong> {name}
              </a>
            </li>
          ))}
        </ul>
      )}
    </form>
  );
}

function Outlook({ ticker }: { ticker: string }) {
  const [range, setRange] = useState<Range>(defaultRange.value);
  const wanted = Math.max(DAYS[range], DAYS["1Y"]);
  const outlook = useData(`outlook/${ticker}/${wanted}`, (signal) =>
    call("GET /v1/market/{ticker}/outlook", { path: { ticker }, query: { days: wanted }, signal }),
  );
  const { data, error } = outlook;
  const wait = data?.missing.prices?.retryAfter;
  useEffect(() => {
    if (!wait) return;
    const timer = setTimeout(outlook.reload, Math.min(wait, 60) * 1000);
    return () => clearTimeout(timer);
  }, [data]);
  if (error instanceof ApiError && error.status === 404) {
    return (
      <Card>
        <Empty icon="market" title={`We know nothing of ${ticker}`}>
          <p>{error.message}</p>
        </Empty>
      </Card>
    );
  }
  if (error && !data) return <Failure error={error} retry={outlook.reload} />;
  if (!data) {
    return (
      <Card>
        <Skeleton tall lines={4} />
      </Card>
    );
  }
  return (
    <div class="grid">
      <Prices outlook={data} range={range} onRange={setRange} />
      <Mood outlook={data} />
      <Predictions outlook={data} />
    </div>
  );
}

function Prices({
  outlook,
  range,
  onRange,
}: {
  outlook: OutlookView;
  range: Range;
  onRange: (range: Range) => void;
}) {
  const { prices, missing } = outlook;
  if (!prices) {
    return (
      <Card title="Price">
        <Notice title="There are no prices.">
          <p>{missing.prices?.message ?? ""}</p>
        </Notice>
      </Card>
    );
  }
  const from = firstDay(prices.asOf, range);
  const shown = prices.days.filter(({ date }) => date >= from);
  const first = shown[0]?.adjClose;
  const last = shown.at(-1);
  const change = first && last ? last.adjClose / first - 1 : 0;
  return (
    <Card
      title="Price"
      aside={
        <Segments
          label="Range"
          value={range}
          options={RANGES.map((each) => [each, each === "ALL" ? "All" : each] as const)}
          onChange={onRange}
        />
      }
    >
      <p class="price-line">
        <strong class="figure">{number(last?.close, 2, 2)}</strong>{" "}
        <Delta value={change} text={`${signedPercent(change)} in the range shown`} />
        {prices.changePercent !== null && (
          <span class="quiet-text small">
            {" "}
            {signedPercent(prices.changePercent / 100, 2)} on the last day
          </span>
        )}
      </p>
      <Lines
        label={`Price of ${outlook.ticker}, adjusted for splits and dividends`}
        days={shown.map(({ date }) => date)}
        lines={[
          { key: "price", name: outlook.ticker, values: shown.map(({ adjClose }) => adjClose), colour: 0 },
        ]}
        write={(value) => number(value, 2, 2)}
      />
      <p class="hint coverage">
        Closes to {day(prices.asOf)}, adjusted for splits and dividends. Source: {prices.source}.
      </p>
    </Card>
  );
}

/** The first day of a range that ends with the last price. */
function firstDay(lastDay: string, range: Range): string {
  if (range === "YTD") return `${lastDay.slice(0, 4)}-01-01`;
  return new Date(Date.parse(`${lastDay}T00:00:00Z`) - DAYS[range] * 86_400_000).toISOString().slice(0, 10);
}
