import { percent } from "../app/format.ts";
import { DataTable } from "../ui/parts.tsx";
import { type Slice, usePointing } from "./geometry.ts";
import { ring } from "./paths.ts";

const OUTER = 50;
const INNER = 33;

/** Where each slice begins and ends, in radians from the top. */
function layout(slices: readonly Slice[]) {
  const whole = slices.reduce((sum, slice) => sum + slice.share, 0) || 1;
  let from = 0;
  return slices.map((slice) => {
    const part = { slice, from, to: from + (slice.share / whole) * 2 * Math.PI };
    from = part.to;
    return part;
  });
}

/** Shares of a whole as a ring, with a legend that says the same in words. */
export function Donut({ label, slices, centre }: { label: string; slices: Slice[]; centre: string }) {
  const { at, point, onKeyDown } = usePointing(slices.length);
  const on = at === null ? null : slices[at];
  const name = on ? on.name : centre;
  return (
    <div class="chart">
      <div class="donut">
        <svg
          viewBox="-51 -51 102 102"
          class={on ? "pointing" : ""}
          role="img"
          tabIndex={0}
          aria-label={`${label}. ${on ? `${on.name}: ${percent(on.share)}` : "Use the arrow keys to move through the parts."}`}
          onKeyDown={onKeyDown}
          onBlur={() => point(null)}
          onPointerLeave={() => point(null)}
        >
          {layout(slices).map(({ slice, from, to }, index) => (
            <path
              key={slice.key}
              class={`${slice.fill} ${index === at ? "on" : ""}`}
              d={ring(INNER, OUTER, from, to)}
              onPointerEnter={() => point(index)}
            />
          ))}
          <text class="donut-value" y={on ? 2 : 4}>
            {on ? percent(on.share) : slices.length}
          </text>
          <text class="donut-label" y="13">
            {name.length > 15 ? `${name.slice(0, 14)}…` : name}
          </text>
        </svg>
        <ul class="legend">
          {slices.map((slice, index) => (
            <li
              key={slice.key}
              class={index === at ? "on" : ""}
              onPointerEnter={() => point(index)}
              onPointerLeave={() => point(null)}
            >
              <span class={`swatch ${slice.fill}`} />
              <span class="legend-name" title={slice.title ?? slice.name}>
                {slice.name}
              </span>
              <span class="figure">{percent(slice.share)}</span>
            </li>
          ))}
        </ul>
      </div>
      <DataTable
        caption={label}
        head={["Part", "Share"]}
        rows={slices.map((slice) => [slice.name, percent(slice.share, 2)])}
      />
    </div>
  );
}
