import { type HierarchyRectangularNode, hierarchy, treemap } from "d3-hierarchy";
import { useEffect, useRef, useState } from "preact/hooks";
import { percent } from "../app/format.ts";
import { DataTable } from "../ui/parts.tsx";
import { usePointing } from "./geometry.ts";

export interface Tile {
  key: string;
  name: string;
  group: string;
  share: number;
  fill: string;
}

type Node = { children: Tile[] } | Tile;

const HEIGHT = 320;

/** Every part as an area, coloured by its group. */
export function Treemap({ label, tiles }: { label: string; tiles: Tile[] }) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!box.current) return;
    const watch = new ResizeObserver(([entry]) => entry && setWidth(Math.round(entry.contentRect.width)));
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);

  const root = hierarchy<Node>({ children: tiles }, (node) =>
    "children" in node ? node.children : null,
  ).sum((node) => ("share" in node ? node.share : 0));
  const leaves = width ? treemap<Node>().size([width, HEIGHT]).round(true)(root).leaves() : [];
  const { at, point, onKeyDown } = usePointing(tiles.length);
  const on = at === null ? null : tiles[at];
  return (
    <div class="chart">
      <div ref={box} class="treemap">
        {width > 0 && (
          <svg
            viewBox={`0 0 ${width} ${HEIGHT}`}
            height={HEIGHT}
            role="img"
            tabIndex={0}
            aria-label={`${label}. ${on ? `${on.name}: ${percent(on.share)}` : "Use the arrow keys to move through the parts."}`}
            onKeyDown={onKeyDown}
            onBlur={() => point(null)}
          >
            {leaves.map((leaf, index) => (
              <Leaf key={(leaf.data as Tile).key} leaf={leaf} tile={leaf.data as Tile} on={index === at} />
            ))}
          </svg>
        )}
      </div>
      <DataTable
        caption={label}
        head={["Holding", "Kind", "Share"]}
        rows={tiles.map((tile) => [tile.name, tile.group, percent(tile.share, 2)])}
      />
    </div>
  );
}

function Leaf({ leaf, tile, on }: { leaf: HierarchyRectangularNode<Node>; tile: Tile; on: boolean }) {
  const wide = leaf.x1 - leaf.x0;
  const high = leaf.y1 - leaf.y0;
  const fits = wide > tile.key.length * 8 + 12 && high > 22;
  return (
    <g class={on ? "on" : ""} transform={`translate(${leaf.x0} ${leaf.y0})`}>
      <title>{`${tile.name}: ${percent(tile.share)}`}</title>
      <rect class={tile.fill} width={wide} height={high} rx="3" />
      {fits && (
        <text x="8" y="18">
          {tile.key}
        </text>
      )}
      {fits && high > 38 && wide > 52 && (
        <text class="sub" x="8" y="33">
          {percent(tile.share)}
        </text>
      )}
    </g>
  );
}
