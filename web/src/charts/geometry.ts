/** What several charts share: slices of a whole, and moving through them with the keyboard. */

import { useState } from "preact/hooks";

export interface Slice {
  key: string;
  name: string;
  share: number;
  /** The class of its colour. */
  fill: string;
  title?: string;
}

const MOST = 10;

/** The ten largest, then the rest as one, then what is unknown: in this order, whatever their size. */
export function slices(
  parts: readonly { key: string; name: string; share: number; title?: string }[],
): Slice[] {
  const known = parts
    .filter((part) => part.key !== "unknown" && part.share > 0)
    .sort((a, b) => b.share - a.share);
  const shown = known.slice(0, MOST).map((part, index): Slice => ({ ...part, fill: `fill-${index}` }));
  const rest = known.slice(MOST);
  if (rest.length) {
    const share = rest.reduce((sum, part) => sum + part.share, 0);
    shown.push({ key: "other", name: `Other (${rest.length})`, share, fill: "fill-other" });
  }
  const unknown = parts.filter((part) => part.key === "unknown").reduce((sum, part) => sum + part.share, 0);
  if (unknown > 0) shown.push({ key: "unknown", name: "Unknown", share: unknown, fill: "fill-unknown" });
  return shown;
}

/** Which of several marks is pointed at, by pointer or by the arrow keys. */
export function usePointing(length: number) {
  const [at, point] = useState<number | null>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") point(null);
    else if (event.key === "Home") point(0);
    else if (event.key === "End") point(length - 1);
    else if (step) point(((((at ?? (step > 0 ? -1 : 0)) + step) % length) + length) % length);
    else return;
    event.preventDefault();
  };
  return { at: at !== null && at < length ? at : null, point, onKeyDown };
}
