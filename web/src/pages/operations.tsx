/** The state of the server, for whoever runs it: rates, latencies, errors, queues, and what was given up. */

import { useEffect, useRef, useState } from "preact/hooks";
import { call } from "../api/client.ts";
import type { OpsSummary } from "../api/schema.ts";
import { useData } from "../app/data.ts";
import { count, moment, number } from "../app/format.ts";
import { word } from "../app/words.ts";
import { Button, Card, Failure, Skeleton, Table } from "../ui/parts.tsx";
import { say } from "../ui/toast.tsx";

const EVERY_MS = 10_000;

export default function Operations() {
  const { data, error, reload } = useData("operations", (signal) => call("GET /v1/ops/summary", { signal }));
  useEffect(() => {
    const timer = setInterval(reload, EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <>
      <header class="page-head">
        <div>
          <h1 tabIndex={-1}>Operations</h1>
          <p class="lead">
            {data ? `Counted since ${moment(data.since)}; as of ${moment(data.at)}.` : "\u00a0"}
          </p>
        </div>
      </header>
      {data ? (
        <Summary summary={data} reload={reload} />
      ) : error ? (
        <Failure error={error} retry={reload} />
      ) : (
        <Card>
          <Skeleton tall />
        </Card>
      )}
    </>
  );
}

function Summary({ summary, reload }: { summary: OpsSummary; reload: () => void }) {
  const facts: [string, string, string?][] = [
    ["Requests a second", useRate(summary), "in the last ten seconds"],
    ["Requests", number(summary.requests, 0)],
    ["Half within", milliseconds(summary.p50Ms)],
    ["95% within", milliseconds(summary.p95Ms)],
    ["99% within", milliseconds(summary.p99Ms)],
    ["Errors", number(summary.errors, 0), "answered with 500 and above"],
    ["Refused", number(summary.refused, 0), "told to come again later"],
  ];
  return (
    <div class="grid">
      <Card title="Requests">
        <dl class="facts">
          {facts.map(([title, value, note]) => (
            <div key={title}>
              <dt>{title}</dt>
              <dd>
                {value}
                {note && <small>{note}</small>}
              </dd>
            </div>
          ))}
        </dl>
      </Card>
      <Card title="Queues" className="half">
        <Table
          caption="What waits, by queue"
          head={["Queue", "Waiting", "Oldest", "Given up"]}
          rows={summary.queues.map((queue) => [
            word(queue.name),
            number(queue.waiting, 0),
            queue.oldestSeconds === null ? "–" : `${number(queue.oldestSeconds, 0)} s`,
            number(queue.dead, 0),
          ])}
        />
      </Card>
      <DeadLetters summary={summary} reload={reload} />
      <Card title="Routes">
        <Table
          caption="Routes, those asked for most often first"
          head={["Route", "Requests", "95% within", "Errors", "Refused"]}
          rows={summary.routes.map((route) => [
            `${route.method} ${route.route === "(no route)" ? "of files and unknown paths" : route.route}`,
            number(route.requests, 0),
            milliseconds(route.p95Ms),
            number(route.errors, 0),
            number(route.refused, 0),
          ])}
        />
      </Card>
    </div>
  );
}

function DeadLetters({ summary, reload }: { summary: OpsSummary; reload: () => void }) {
  const [busy, setBusy] = useState(false);
  const redrive = async () => {
    setBusy(true);
    try {
      const { jobs } = await call("POST /v1/ops/dead-letters/redrive", {});
      say(`${count(jobs, "job")} put back into the queue`);
      reload();
    } catch {
      say("They could not be put back: try again in a moment.");
    } finally {
      setBusy(false);
    }
  };
  const letters = summary.deadLetters;
  return (
    <Card
      title="Given up"
      className="half"
      aside={
        letters.length > 0 && (
          <Button icon="undo" busy={busy} onClick={redrive}>
            Try all again
          </Button>
        )
      }
    >
      {letters.length ? (
        <Table
          caption="Jobs that were given up"
          head={["Job", "Attempts", "Reason"]}
          rows={letters.map((letter) => [
            `${word(letter.kind)} ${letter.id}`,
            number(letter.attempts, 0),
            letter.reason,
          ])}
        />
      ) : (
        <p class="quiet-text">No job was given up.</p>
      )}
    </Card>
  );
}

/** Requests a second between this summary and the one before. */
function useRate(summary: OpsSummary): string {
  const before = useRef<OpsSummary | undefined>(undefined);
  const [rate, setRate] = useState("–");
  useEffect(() => {
    const earlier = before.current;
    const seconds = earlier ? (Date.parse(summary.at) - Date.parse(earlier.at)) / 1000 : 0;
    if (earlier && seconds > 0) setRate(number((summary.requests - earlier.requests) / seconds, 1));
    before.current = summary;
  }, [summary]);
  return rate;
}

function milliseconds(value: number | null): string {
  return value === null ? "–" : `${number(value, value < 10 ? 1 : 0)} ms`;
}
