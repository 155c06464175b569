import { number } from "../app/format.ts";
import { word } from "../app/words.ts";
import type { Band } from "../ui/parts.tsx";
import { ring } from "./paths.ts";

/** Where the bands of a score from 1 to 10 begin and end. */
const ZONES: readonly [Band, number, number][] = [
  ["low", 1, 4],
  ["moderate", 4, 7],
  ["high", 7, 10],
];

/** The band of an overall score; both edges are moderate, as in the API. */
export function bandOf(score: number): Band {
  return score < 4 ? "low" : score <= 7 ? "moderate" : "high";
}

const HALF = Math.PI / 2;
const RADIUS = 72;

function angle(score: number): number {
  return -HALF + ((score - 1) / 9) * Math.PI;
}

/** The overall score on a half circle. */
export function Gauge({ score, band }: { score: number; band: Band }) {
  const at = angle(score);
  return (
    <svg
      class="gauge"
      viewBox="-90 -88 180 112"
      role="img"
      aria-label={`Risk score ${number(score, 1, 1)} of 10, ${band} risk`}
    >
      {ZONES.map(([zone, from, to]) => (
        <path
          key={zone}
          class={`zone ${zone}`}
          d={ring(RADIUS - 6, RADIUS + 6, angle(from) + 0.015, angle(to) - 0.015)}
        />
      ))}
      <circle class="needle" cx={Math.sin(at) * RADIUS} cy={-Math.cos(at) * RADIUS} r="9" />
      <text class="gauge-score" y="-10">
        {number(score, 1, 1)}
      </text>
      <text class="gauge-of" y="8">
        of 10 · {word(band).toLowerCase()} risk
      </text>
    </svg>
  );
}

/** A score on a line. */
export function Meter({ score }: { score: number }) {
  return (
    <svg class="meter" viewBox="0 0 180 12" preserveAspectRatio="none" aria-hidden="true">
      {ZONES.map(([zone, from, to]) => (
        <rect
          key={zone}
          class={zone}
          x={((from - 1) / 9) * 180 + 0.5}
          width={((to - from) / 9) * 180 - 1}
          y="3"
          height="6"
        />
      ))}
      <rect
        class="mark"
        x={Math.min(175, Math.max(0, ((score - 1) / 9) * 180 - 2.5))}
        y="0"
        width="5"
        height="12"
        rx="2"
      />
    </svg>
  );
}
