import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { day } from "../app/format.ts";
import { DataTable } from "../ui/parts.tsx";
import { usePointing } from "./geometry.ts";
import { polyline, ticks } from "./paths.ts";

export interface Line {
  key: string;
  name: string;
  values: readonly number[];
  /** The number of its colour, or none for what is only compared with. */
  colour: number | null;
}

const HEIGHT = 260;
const BOTTOM = 24;
const RIGHT = 64;
const ROOM_FOR_DATE = 150;
const MOST_ROWS = 60;

/** Values over days, with a crosshair for pointer and arrow keys. */
export function Lines({
  label,
  days,
  lines,
  write,
}: {
  label: string;
  days: readonly string[];
  lines: readonly Line[];
  write: (value: number) => string;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const { at, point, onKeyDown } = usePointing(days.length);
  useEffect(() => {
    if (!box.current) return;
    const watch = new ResizeObserver(([entry]) => entry && setWidth(Math.round(entry.contentRect.width)));
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);

  const all = lines.flatMap((each) => each.values);
  const low = all.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = all.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const pad = (high - low || Math.abs(high) || 1) * 0.06;
  const x = (index: number) => (days.length > 1 ? (index / (days.length - 1)) * (width - RIGHT) : 0);
  const y = (value: number) =>
    HEIGHT - BOTTOM - ((value - low + pad) / (high - low + 2 * pad)) * (HEIGHT - BOTTOM - 8);
  const path = (values: readonly number[]) =>
    polyline(values.map((value, index) => [x(index), y(value)] as const));
  const shown = at ?? days.length - 1;
  const nearest = (event: PointerEvent) => {
    const left = (event.currentTarget as Element).getBoundingClientRect().left;
    point(
      Math.max(
        0,
        Math.min(days.length - 1, Math.round(((event.clientX - left) / (width - RIGHT)) * (days.length - 1))),
      ),
    );
  };
  const said = lines.map((each) => `${each.name} ${write(each.values[shown] ?? 0)}`).join(", ");
  return (
    <div class="chart">
      <p class="readout">
        <span class="quiet-text">{day(days[shown] ?? "")}</span>
        {lines.map((each) => (
          <span key={each.key} class="figure">
            <span class={`swatch ${fill(each)}`} /> {each.name}{" "}
            <strong>{write(each.values[shown] ?? 0)}</strong>
          </span>
        ))}
      </p>
      <div ref={box} class="lines">
        {width > 0 && (
          <svg
            viewBox={`0 0 ${width} ${HEIGHT}`}
            height={HEIGHT}
            role="img"
            tabIndex={0}
            aria-label={`${label}. ${day(days[shown] ?? "")}: ${said}. Use the arrow keys to move through the days.`}
            onKeyDown={onKeyDown}
            onPointerMove={nearest}
            onPointerLeave={() => point(null)}
            onBlur={() => point(null)}
          >
            {ticks(low, high, 5).map((value) => (
              <g key={value} class="tick">
                <line x1="0" x2={width - RIGHT} y1={y(value)} y2={y(value)} />
                <text x={width - RIGHT + 8} y={y(value) + 4}>
                  {write(value)}
                </text>
              </g>
            ))}
            {dates(days.length, Math.max(2, Math.floor((width - RIGHT) / ROOM_FOR_DATE))).map(
              (index, place, chosen) => (
                <text
                  key={index}
                  class="date"
                  x={x(index)}
                  y={HEIGHT - 6}
                  text-anchor={place === 0 ? "start" : place === chosen.length - 1 ? "end" : "middle"}
                >
                  {day(days[index] ?? "")}
                </text>
              ),
            )}
            {lines.map((each) => (
              <path
                key={each.key}
                class={`series ${each.colour === null ? "reference" : `line-${each.colour}`}`}
                d={path(each.values)}
              />
            ))}
            {at !== null && (
              <g class="crosshair">
                <line x1={x(at)} x2={x(at)} y1="0" y2={HEIGHT - BOTTOM} />
                {lines.map((each) => (
                  <circle key={each.key} class={fill(each)} cx={x(at)} cy={y(each.values[at] ?? 0)} r="4" />
                ))}
              </g>
            )}
          </svg>
        )}
      </div>
      <Rows label={label} days={days} lines={lines} write={write} />
    </div>
  );
}

function Rows({ label, days, lines, write }: Parameters<typeof Lines>[0]) {
  const rows = dates(days.length, Math.min(days.length, MOST_ROWS)).map((index): ComponentChildren[] => [
    day(days[index] ?? ""),
    ...lines.map((each) => write(each.values[index] ?? 0)),
  ]);
  return (
    <DataTable caption={label} head={["Day", ...lines.map((each) => each.name)]} rows={rows.reverse()} />
  );
}

function fill({ colour }: Line): string {
  return colour === null ? "fill-other" : `fill-${colour}`;
}

/** Some of many places, evenly, the first and the last among them. */
function dates(length: number, wanted: number): number[] {
  if (length < 2) return length ? [0] : [];
  return [
    ...new Set(
      Array.from({ length: wanted }, (_, place) => Math.round((place / (wanted - 1)) * (length - 1))),
    ),
  ];
}
