import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { send } from "../../api/client.ts";
import type { RowProblem, UploadView } from "../../api/schema.ts";
import { count, number, percent } from "../../app/format.ts";
import { word } from "../../app/words.ts";
import { Icon } from "../../ui/icons.tsx";
import { Amount, Button, Card, Notice } from "../../ui/parts.tsx";
import { saveAs } from "../../ui/save.ts";
import { say } from "../../ui/toast.tsx";
import { DropZone } from "./drop.tsx";
import { advice, type Decisions, duplicated, faults, importable, overrulable } from "./reading.ts";

type Facet = "errors" | "warnings" | "duplicates" | "valid";
const SHOWN = 100;

/** What the file would do, before it does it. */
export function Review({
  view,
  decisions,
  isNew,
  onBack,
  onDecide,
  onOtherFile,
  children,
}: {
  view: UploadView;
  decisions: Decisions;
  isNew: boolean;
  onBack: () => void;
  onDecide: (decisions: Decisions) => void;
  onOtherFile: (file: File) => void;
  children: ComponentChildren;
}) {
  const wrong = view.errors.length;
  const { total, duplicates, skipped } = view.rows;
  const [facet, setFacet] = useState<Facet>(wrong ? "errors" : view.warnings.length ? "warnings" : "valid");
  const rules = overrulable(view);
  const twice = duplicated(view);
  const rest = faults(view);
  const good = Math.max(0, total - skipped - view.rows.errors - duplicates);
  const facets: [Facet, string, number, string][] = [
    ["errors", "Errors", wrong, wrong ? "bad" : ""],
    ["warnings", "Warnings", view.warnings.length, view.warnings.length ? "warn" : ""],
    ["duplicates", "Duplicates", duplicates, duplicates ? "warn" : ""],
    ["valid", "Valid", good, "good"],
  ];
  return (
    <div class="stack">
      <Notice
        tone={wrong ? "bad" : "good"}
        title={`${number(importable(view), 0)} of ${count(total, "row")} will be imported`}
      >
        <p>
          {wrong
            ? rest.length
              ? "A file is imported whole or not at all, so that no holding is missing unnoticed."
              : "Answer the question below, and the file can be imported."
            : [
                skipped && `${count(skipped, "row")} with totals, notes or closed positions left out.`,
                duplicates && `${count(duplicates, "row")} added to an earlier row of the same symbol.`,
                "Nothing is saved yet.",
              ]
                .filter(Boolean)
                .join(" ")}
        </p>
      </Notice>

      {!rest.length && twice.length > 0 && isNew && (
        <Ask
          title="Add up rows of the same symbol?"
          text={`${count(twice.length, "row")} repeat a symbol, as files of several accounts do.`}
          action="Yes, add them up"
          onYes={() => onDecide({ ...decisions, mode: "merge" })}
        />
      )}
      {!rest.length && rules.length > 0 && (
        <Ask
          title="Is the portfolio really so?"
          text={rules.map((rule) => rule.message).join(" ")}
          action="Yes, it is right"
          onYes={() => onDecide({ ...decisions, overrideRules: true })}
        />
      )}

      <div class="facets" role="group" aria-label="What to show">
        {facets.map(([key, title, amount, tone]) => (
          <button
            key={key}
            type="button"
            class={`facet ${tone}`}
            aria-pressed={facet === key}
            onClick={() => setFacet(key)}
          >
            <strong>{number(amount, 0)}</strong>
            {title}
          </button>
        ))}
      </div>

      <Card
        title={word(facet)}
        aside={facet === "errors" && view.rows.errors > 0 && <Rejected uploadId={view.uploadId} />}
      >
        {facet === "errors" && <Issues problems={view.errors} none="Nothing is wrong." />}
        {facet === "warnings" && <Issues problems={view.warnings} none="There is nothing to warn of." />}
        {facet === "duplicates" && (
          <Issues
            problems={twice}
            none={
              duplicates
                ? `${count(duplicates, "row")} added to an earlier row of the same symbol.`
                : "No symbol appears twice."
            }
          />
        )}
        {facet === "valid" && <Holdings view={view} />}
      </Card>

      {wrong > 0 && rest.length > 0 && (
        <Card title="Mended the file?">
          <DropZone onFile={onOtherFile} />
        </Card>
      )}
      <div class="step-foot">
        <Button onClick={onBack}>Back to the columns</Button>
        {!wrong && <div class="actions import-now">{children}</div>}
      </div>
    </div>
  );
}

function Ask({
  title,
  text,
  action,
  onYes,
}: {
  title: string;
  text: string;
  action: string;
  onYes: () => void;
}) {
  return (
    <div class="question">
      <h2>{title}</h2>
      <p>{text}</p>
      <div class="actions">
        <Button kind="primary" onClick={onYes}>
          {action}
        </Button>
      </div>
    </div>
  );
}

/** Errors or warnings with their place in the file and what to do. */
export function Issues({ problems, none }: { problems: readonly RowProblem[]; none?: string }) {
  const [all, setAll] = useState(false);
  if (!problems.length) return <p class="quiet-text">{none}</p>;
  const shown = all ? problems : problems.slice(0, SHOWN);
  return (
    <>
      <ul class="issues">
        {shown.map((problem, index) => (
          <li key={index}>
            <span class="where">
              {problem.line === null ? "Whole file" : `Line ${problem.line}`}
              {problem.column && (
                <>
                  <br />
                  {problem.column}
                </>
              )}
            </span>
            <span>
              {problem.message} {advice(problem) && <span class="quiet-text">{advice(problem)}</span>}{" "}
              {problem.value && (
                <>
                  <br />
                  <span class="quiet-text">Found:</span> <code>{problem.value}</code>
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
      {shown.length < problems.length && (
        <Button onClick={() => setAll(true)}>Show all {number(problems.length, 0)}</Button>
      )}
    </>
  );
}

function Holdings({ view }: { view: UploadView }) {
  const assets = view.preview?.assets ?? [];
  const currency = view.preview?.currency ?? "USD";
  if (!assets.length) return <p class="quiet-text">The holdings are shown once the errors are mended.</p>;
  return (
    <div class="holdings">
      <table>
        <caption class="unseen">Holdings to import</caption>
        <thead>
          <tr>
            <th scope="col">Holding</th>
            <th scope="col">Type</th>
            <th scope="col" class="end">
              Shares
            </th>
            <th scope="col" class="end">
              Value
            </th>
            <th scope="col" class="end">
              Share
            </th>
          </tr>
        </thead>
        <tbody>
          {assets.map((asset) => (
            <tr key={asset.symbol}>
              <th scope="row">
                {asset.symbol}
                <span class="sub" title={asset.name}>
                  {asset.name}
                </span>
              </th>
              <td data-label="Type">{word(asset.type)}</td>
              <td data-label="Shares" class="end figure">
                {number(asset.shares, 6)}
              </td>
              <td data-label="Value" class="end">
                <Amount value={asset.dollarAmount} currency={currency} />
              </td>
              <td data-label="Share" class="end figure">
                {percent(asset.allocationPercentage / 100, 2)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The rejected rows as a file, which takes a token to fetch. */
function Rejected({ uploadId }: { uploadId: string }) {
  const [busy, setBusy] = useState(false);
  const fetchThem = async () => {
    setBusy(true);
    try {
      const response = await send("GET /v1/upload/{uploadId}/errors.csv", { path: { uploadId } });
      saveAs(await response.blob(), "rejected-rows.csv");
    } catch (error) {
      say((error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <button type="button" class="link" onClick={fetchThem} disabled={busy}>
      <Icon name="download" size={16} /> Rejected rows as a file
    </button>
  );
}
