/** From a broker's file to a portfolio: Upload → Map columns → Review → Done. */

import { useEffect, useRef, useState } from "preact/hooks";
import { call, NoAnswer } from "../api/client.ts";
import type { UploadView } from "../api/schema.ts";
import { forget, useData } from "../app/data.ts";
import { bytes, count, percent } from "../app/format.ts";
import { Icon } from "../ui/icons.tsx";
import { Button, Card, Failure, Field, LinkButton, Notice } from "../ui/parts.tsx";
import { say } from "../ui/toast.tsx";
import { DropZone } from "./import/drop.tsx";
import { takeOver } from "./import/handover.ts";
import { Mapping } from "./import/mapping.tsx";
import {
  ambiguities,
  type Decisions,
  faults,
  needsTotal,
  type Phase,
  readFile,
  UNDECIDED,
} from "./import/reading.ts";
import { Issues, Review } from "./import/review.tsx";

const STEPS = ["Upload", "Map columns", "Review", "Done"] as const;
type Step = 0 | 1 | 2 | 3;

export default function Import({ params }: { params: Record<string, string> }) {
  const portfolioId = params.id ?? null;
  const portfolio = useData(portfolioId && `portfolio/${portfolioId}`, (signal) =>
    call("GET /v1/portfolios/{portfolioId}", { path: { portfolioId: portfolioId ?? "" }, signal }),
  );
  const [step, setStep] = useState<Step>(0);
  const [file, setFile] = useState<File | null>(null);
  const [name, setName] = useState("");
  const [decisions, setDecisions] = useState<Decisions>(UNDECIDED);
  const [view, setView] = useState<UploadView | null>(null);
  const [phase, setPhase] = useState<Phase | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const again = useRef<(() => void) | null>(null);
  const stop = useRef<AbortController | null>(null);

  useEffect(() => {
    const given = takeOver();
    if (given) choose(given);
    const online = () => again.current?.();
    addEventListener("online", online);
    return () => {
      removeEventListener("online", online);
      stop.current?.abort();
    };
  }, []);

  useEffect(() => {
    if (step === 0) return;
    // Reading goes on at the top of the next step, for eyes and for screen readers.
    scrollTo(0, 0);
    document.querySelector("h1")?.focus({ preventScroll: true });
  }, [step]);

  /** Read the file under some decisions; what comes of it decides where we go. */
  async function run(
    chosen: File,
    taken: Decisions,
    validateOnly: boolean,
    then: (view: UploadView) => void,
  ) {
    stop.current?.abort();
    const mine = new AbortController();
    stop.current = mine;
    setError(null);
    again.current = null;
    try {
      const read = await readFile(
        chosen,
        taken,
        { portfolioId, name: name || stem(chosen.name), validateOnly },
        setPhase,
        mine.signal,
      );
      setView(read);
      setPhase(null);
      then(read);
    } catch (reason) {
      if (mine.signal.aborted) return;
      setPhase(null);
      setError(reason as Error);
      again.current = () => void run(chosen, taken, validateOnly, then);
    }
  }

  function choose(chosen: File) {
    setFile(chosen);
    setName(stem(chosen.name));
    const taken = { ...UNDECIDED, mode: decisions.mode };
    setDecisions(taken);
    setView(null);
    setStep(0);
    void run(chosen, taken, true, (read) => setStep(read.preview?.columns.length ? 1 : 0));
  }

  function check(taken: Decisions, then: (view: UploadView) => void) {
    setDecisions(taken);
    if (file) void run(file, taken, true, then);
  }

  function save() {
    if (!file) return;
    void run(file, decisions, false, (read) => {
      forget("portfolio");
      if (read.status === "COMPLETED") setStep(3);
    });
  }

  const busy = phase !== null;
  return (
    <>
      <header class="page-head">
        <div>
          <a class="crumb" href={portfolioId ? `/portfolios/${portfolioId}` : "/"}>
            <Icon name="back" size={16} />{" "}
            {portfolioId ? (portfolio.data?.name ?? "Portfolio") : "Portfolios"}
          </a>
          <h1 tabIndex={-1}>{portfolioId ? "Update from a file" : "Import a portfolio"}</h1>
        </div>
      </header>
      <Steps at={step} />
      {phase && <Progress phase={phase} file={file} />}
      {error && <Interrupted error={error} file={file} retry={() => again.current?.()} />}
      {!busy && !error && (
        <>
          {step === 0 && (
            <div class="stack">
              {view && <Refused view={view} file={file} />}
              {portfolioId && (
                <Mode mode={decisions.mode} onChange={(mode) => setDecisions({ ...decisions, mode })} />
              )}
              <DropZone onFile={choose} />
            </div>
          )}
          {step === 1 && view && (
            <Mapping
              view={view}
              decisions={decisions}
              onBack={() => setStep(0)}
              onContinue={(taken, changed) => {
                const settled = (read: UploadView) =>
                  setStep(ambiguities(read, { ...taken, formats: {} }).length || needsTotal(read) ? 1 : 2);
                if (changed) check(taken, settled);
                else settled(view);
              }}
            />
          )}
          {step === 2 && view && (
            <Review
              view={view}
              decisions={decisions}
              isNew={!portfolioId}
              onBack={() => setStep(1)}
              onDecide={(taken) => check(taken, () => setStep(2))}
              onOtherFile={choose}
            >
              {!portfolioId && (
                <Field
                  label="Name of the portfolio"
                  value={name}
                  maxLength={200}
                  onInput={(event) => setName(event.currentTarget.value)}
                />
              )}
              <Button kind="primary" icon="check" disabled={view.errors.length > 0} onClick={save}>
                Import {view.errors.length ? "" : count(view.preview?.assets.length ?? 0, "holding")}
              </Button>
            </Review>
          )}
          {step === 3 && view && (
            <Done view={view} name={portfolio.data?.name ?? name} isNew={!portfolioId} />
          )}
        </>
      )}
    </>
  );
}

function stem(filename: string): string {
  return (
    filename
      .replace(/\.[^.]*$/, "")
      .replace(/[-_]+/g, " ")
      .trim() || "Portfolio"
  );
}

function Steps({ at }: { at: Step }) {
  return (
    <ol class="steps" aria-label="Steps">
      {STEPS.map((title, index) => (
        <li key={title} class={index < at ? "done" : ""} aria-current={index === at ? "step" : undefined}>
          {title}
        </li>
      ))}
    </ol>
  );
}

function Progress({ phase, file }: { phase: Phase; file: File | null }) {
  const sending = phase.kind === "sending";
  const fraction = sending ? phase.fraction : 1;
  return (
    <div class="drop" role="status">
      <span class="spinner" />
      <p class="big">{sending ? "Sending your file" : "Reading your file"}</p>
      <div class="progress" aria-hidden="true">
        <svg>
          <rect class="bar-fill" width={`${fraction * 100}%`} height="100%" />
        </svg>
      </div>
      <p class="quiet-text small">
        {file?.name} {file && `(${bytes(file.size)})`} {sending && `· ${percent(fraction, 0)}`}
      </p>
    </div>
  );
}

function Interrupted({ error, file, retry }: { error: Error; file: File | null; retry: () => void }) {
  if (!(error instanceof NoAnswer)) return <Failure error={error} retry={retry} />;
  return (
    <Notice tone="bad" title="The connection was lost while your file was on its way.">
      <p>
        Nothing was imported. {file?.name} is still chosen here: once you are online again it is sent anew, or
        do it now.
      </p>
      <p>
        <Button kind="primary" onClick={retry}>
          Send again
        </Button>
      </p>
    </Notice>
  );
}

/** A file that could not be read at all. */
function Refused({ view, file }: { view: UploadView; file: File | null }) {
  return (
    <Notice tone="bad" title={`${file?.name ?? "The file"} could not be read.`}>
      <Issues problems={faults(view)} />
    </Notice>
  );
}

function Mode({ mode, onChange }: { mode: Decisions["mode"]; onChange: (mode: Decisions["mode"]) => void }) {
  return (
    <fieldset class="choices">
      <legend class="unseen">What to do with the present holdings</legend>
      {(
        [
          ["replace", "Replace the holdings", "The portfolio holds exactly what the file says."],
          ["merge", "Add to the holdings", "The file's holdings are added to those that are there."],
        ] as const
      ).map(([value, title, text]) => (
        <label key={value} class="choice">
          <input type="radio" name="mode" checked={mode === value} onChange={() => onChange(value)} />
          <span>
            <b>{title}</b>
            <span class="small quiet-text">{text}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function Done({ view, name, isNew }: { view: UploadView; name: string; isNew: boolean }) {
  const [undone, setUndone] = useState(view.status === "UNDONE");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const nothing = view.rows.imported === 0;
  const undo = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await call("POST /v1/upload/{uploadId}/undo", { path: { uploadId: view.uploadId } });
      forget("portfolio");
      setUndone(true);
      say(
        isNew
          ? "The import was undone: the portfolio is gone."
          : "The import was undone: the portfolio is as it was before.",
      );
    } catch (reason) {
      setError(reason as Error);
    } finally {
      setBusy(false);
    }
  };
  if (undone) {
    return (
      <Card>
        <div class="empty">
          <span class="empty-icon">
            <Icon name="undo" size={28} />
          </span>
          <h2>The import was undone</h2>
          <p>{isNew ? "The portfolio it had created is gone." : "The portfolio is as it was before."}</p>
          <LinkButton kind="primary" href="/">
            Back to your portfolios
          </LinkButton>
        </div>
      </Card>
    );
  }
  return (
    <Card>
      <div class="empty">
        <span class="empty-icon">
          <Icon name={nothing ? "info" : "check"} size={28} />
        </span>
        <h2>{nothing ? "Nothing was imported again" : `${count(view.rows.imported, "holding")} imported`}</h2>
        <p>
          {nothing
            ? "This very file was imported before and is still in effect."
            : `${view.filename} is now ${isNew ? "the portfolio" : "in"} ${name}.`}
        </p>
        {error && <Failure error={error} />}
        <div class="actions">
          {view.portfolioId && (
            <LinkButton kind="primary" icon="arrow" href={`/portfolios/${view.portfolioId}`}>
              See what it holds
            </LinkButton>
          )}
          {!nothing && (
            <Button icon="undo" busy={busy} onClick={undo}>
              Undo the import
            </Button>
          )}
        </div>
      </div>
    </Card>
  );
}
