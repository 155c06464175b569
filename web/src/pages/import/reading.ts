/** What the user decides about a file, what the API makes of it, and the questions that are open. */

import { call } from "../../api/client.ts";
import type { RowProblem, UploadView } from "../../api/schema.ts";
import { ended, sendFile } from "../../api/upload.ts";

/** How a file is to be read. Columns are known by their place, from 0. */
export interface Decisions {
  /** What a column means, where the user says so; `ignore` for nothing. */
  fields: Record<number, string>;
  /** How a column's numbers are written, where the user says so. */
  formats: Record<number, string>;
  totalValue: number | null;
  overrideRules: boolean;
  /** Add up rows of one symbol, or add to what the portfolio holds. */
  mode: "replace" | "merge";
}

export const UNDECIDED: Decisions = {
  fields: {},
  formats: {},
  totalValue: null,
  overrideRules: false,
  mode: "replace",
};

export type Phase = { kind: "sending"; fraction: number } | { kind: "reading" };

/** The types browsers give to CSV files; others are sent as plain CSV and judged by their content. */
const TYPES = [
  "text/csv",
  "application/csv",
  "text/plain",
  "text/tab-separated-values",
  "application/vnd.ms-excel",
];

/** Send a file and wait until it was read; with `validateOnly` nothing is changed. */
export async function readFile(
  file: File,
  decisions: Decisions,
  target: { portfolioId: string | null; name: string; validateOnly: boolean },
  onPhase: (phase: Phase) => void,
  signal: AbortSignal,
): Promise<UploadView> {
  onPhase({ kind: "sending", fraction: 0 });
  const body = {
    filename: file.name.slice(-255),
    size: file.size,
    contentType: (TYPES.includes(file.type) ? file.type : "text/csv") as "text/csv",
    mapping: mapping(decisions),
    mode: decisions.mode,
    validateOnly: target.validateOnly,
    overrideRules: decisions.overrideRules,
    totalValue: decisions.totalValue,
  };
  const ticket = target.portfolioId
    ? await call("POST /v1/portfolios/{portfolioId}/upload", {
        path: { portfolioId: target.portfolioId },
        body,
        once: true,
        signal,
      })
    : await call("POST /v1/uploads", {
        body: { ...body, portfolioName: target.name.trim() || null },
        once: true,
        signal,
      });
  await sendFile(ticket, file, (fraction) => onPhase({ kind: "sending", fraction }), signal);
  onPhase({ kind: "reading" });
  return ended(ticket.uploadId, signal);
}

function mapping({ fields, formats }: Decisions): Record<string, string> | null {
  const entries = [
    ...Object.entries(fields).map(([place, field]) => [`#${Number(place) + 1}`, field]),
    ...Object.entries(formats).map(([place, format]) => [`numberFormat:#${Number(place) + 1}`, format]),
  ];
  return entries.length ? Object.fromEntries(entries) : null;
}

/** A column whose numbers can be read in two ways, with both readings. */
export interface Ambiguity {
  place: number;
  header: string;
  readings: { format: string; example: string; samples: string[] }[];
}

export function ambiguities(view: UploadView, decisions: Decisions): Ambiguity[] {
  const columns = view.preview?.columns ?? [];
  const asked = new Set(
    view.errors.filter((error) => error.code === "AMBIGUOUS_NUMBER").map((error) => error.column),
  );
  return columns.flatMap((column, place) => {
    const decided = decisions.formats[place];
    if (!decided && !(column.field && asked.has(column.header))) return [];
    const example = column.samples.find((sample) => /[.,]/.test(sample)) ?? "";
    const comma = example.includes(",");
    const formats = comma ? (["1,234.56", "1.234,56"] as const) : (["1.234,56", "1,234.56"] as const);
    const readings = formats.map((format) => ({
      format,
      example,
      samples: column.samples.map((sample) => reading(sample, format)),
    }));
    return [{ place, header: column.header, readings }];
  });
}

/** A cell's number, written without groups and with a point. */
function reading(cell: string, format: string): string {
  const core = cell.replace(/[^0-9.,-]/g, "");
  return format === "1,234.56" ? core.replaceAll(",", "") : core.replaceAll(".", "").replace(",", ".");
}

/** Percentages alone do not say what the portfolio is worth. */
export function needsTotal(view: UploadView): boolean {
  return view.errors.some(isMissingTotal);
}

function isMissingTotal({ code, line, message }: RowProblem): boolean {
  return code === "MISSING_REQUIRED_FIELD" && line === null && message.includes("no total");
}

/** Rules that the owner may overrule: the portfolio may really be so. */
export function overrulable(view: UploadView): RowProblem[] {
  return view.errors.filter((error) => error.suggestion?.includes("overrideRules"));
}

export function duplicated(view: UploadView): RowProblem[] {
  return view.errors.filter((error) => error.code === "DUPLICATE_SYMBOL");
}

/** What is wrong beyond what one of our questions settles. */
export function faults(view: UploadView): RowProblem[] {
  const settled = new Set([...overrulable(view), ...duplicated(view), ...view.errors.filter(isMissingTotal)]);
  return view.errors.filter((error) => !settled.has(error) && error.code !== "AMBIGUOUS_NUMBER");
}

/** How many rows of the file will be imported, where it is valid. */
export function importable(view: UploadView): number {
  const { total, skipped, duplicates, errors } = view.rows;
  return view.errors.length ? 0 : total - skipped - duplicates - errors;
}

/** The suggestion for people: what it says to programs is said by our own questions. */
export function advice({ suggestion, code }: RowProblem): string {
  if (!suggestion || code === "AMBIGUOUS_NUMBER" || /overrideRules|mode merge|mapping/i.test(suggestion))
    return "";
  return suggestion;
}
