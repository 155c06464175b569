import { useEffect, useRef, useState } from "preact/hooks";
import { percent } from "../app/format.ts";
import { DataTable } from "../ui/parts.tsx";
import { usePointing } from "./geometry.ts";
import { ticks } from "./paths.ts";

export interface Dot {
  key: string;
  name: string;
  risk: number;
  gain: number;
  colour: number;
}

const HEIGHT = 280;
const LEFT = 56;
const BOTTOM = 40;

/** Return against volatility. */
export function Scatter({ label, dots }: { label: string; dots: Dot[] }) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const { at, point, onKeyDown } = usePointing(dots.length);
  useEffect(() => {
    if (!box.current) return;
    const watch = new ResizeObserver(([entry]) => entry && setWidth(Math.round(entry.contentRect.width)));
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  const highest = Math.max(...dots.map((dot) => dot.risk)) * 1.15 || 0.1;
  const [low, high] = widened([0, ...dots.map((dot) => dot.gain)]);
  const x = (risk: number) => LEFT + (risk / highest) * (width - LEFT - 16);
  const y = (gain: number) => 12 + ((high - gain) / (high - low)) * (HEIGHT - BOTTOM - 12);
  const on = at === null ? null : dots[at];
  return (
    <div class="chart">
      <div ref={box} class="scatter">
        {width > 0 && (
          <svg
            viewBox={`0 0 ${width} ${HEIGHT}`}
            height={HEIGHT}
            role="img"
            tabIndex={0}
            aria-label={`${label}. ${on ? `${on.name}: volatility ${percent(on.risk)}, return ${percent(on.gain)}` : "Use the arrow keys to move through the portfolios."}`}
            onKeyDown={onKeyDown}
            onBlur={() => point(null)}
          >
            {ticks(low, high, 5).map((gain) => (
              <g key={gain} class="tick">
                <line x1={LEFT} x2={width} y1={y(gain)} y2={y(gain)} />
                <text x={LEFT - 8} y={y(gain) + 4} text-anchor="end">
                  {percent(gain, 0)}
                </text>
              </g>
            ))}
            {ticks(0, highest, 5).map((risk) => (
              <text key={risk} class="date" x={x(risk)} y={HEIGHT - 22} text-anchor="middle">
                {percent(risk, 0)}
              </text>
            ))}
            <text class="date" x={width} y={HEIGHT - 4} text-anchor="end">
              Volatility a year →
            </text>
            {dots.map((dot, index) => {
              const right = x(dot.risk) > width * 0.6;
              return (
                <g
                  key={dot.key}
                  class={index === at ? "on" : ""}
                  onPointerEnter={() => point(index)}
                  onPointerLeave={() => point(null)}
                >
                  <circle
                    class={`fill-${dot.colour}`}
                    cx={x(dot.risk)}
                    cy={y(dot.gain)}
                    r={index === at ? 10 : 7}
                  />
                  <text
                    class="dot-name"
                    x={x(dot.risk) + (right ? -13 : 13)}
                    y={y(dot.gain) + 4}
                    text-anchor={right ? "end" : "start"}
                  >
                    {dot.name.length > 18 ? `${dot.name.slice(0, 17)}…` : dot.name}
                  </text>
                </g>
              );
            })}
          </svg>
        )}
      </div>
      <DataTable
        caption={label}
        head={["Portfolio", "Return a year", "Volatility a year"]}
        rows={dots.map((dot) => [dot.name, percent(dot.gain), percent(dot.risk)])}
      />
    </div>
  );
}

function widened(gains: number[]): [number, number] {
  const low = Math.min(...gains);
  const high = Math.max(...gains);
  const room = (high - low || 0.1) * 0.15;
  return [low - (low < 0 ? room : 0), high + room];
}
