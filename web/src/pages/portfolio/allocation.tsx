import { useState } from "preact/hooks";
import type { PortfolioView } from "../../api/schema.ts";
import { word } from "../../app/words.ts";
import { Donut } from "../../charts/donut.tsx";
import { slices } from "../../charts/geometry.ts";
import { type Tile, Treemap } from "../../charts/treemap.tsx";
import { Card, Segments } from "../../ui/parts.tsx";

type By = "holding" | "map" | "assetClass" | "category";

const VIEWS = [
  ["holding", "Holdings"],
  ["map", "Map"],
  ["assetClass", "Asset classes"],
  ["category", "Categories"],
] as const;

/** How the value is spread, seen in several ways. */
export function Allocation({ portfolio }: { portfolio: PortfolioView }) {
  const [by, setBy] = useState<By>("holding");
  const { breakdowns } = portfolio.riskMetrics;
  return (
    <Card
      title="Allocation"
      aside={<Segments label="Allocation by" value={by} options={VIEWS} onChange={setBy} />}
    >
      {by === "map" ? (
        <Treemap label="Holdings by share of the value, coloured by kind" tiles={tiles(portfolio)} />
      ) : by === "holding" ? (
        <Donut label="Allocation by holding" centre="holdings" slices={slices(holdingShares(portfolio))} />
      ) : (
        <Donut
          label={`Allocation by ${by === "assetClass" ? "asset class" : "category"}`}
          centre={by === "assetClass" ? "classes" : "categories"}
          slices={slices(breakdowns[by].map(({ key, share }) => ({ key, name: word(key), share })))}
        />
      )}
    </Card>
  );
}

/** The shares of holdings; what the reference table knows nothing about is one unknown part. */
function holdingShares(portfolio: PortfolioView) {
  const unknown = new Set(portfolio.riskMetrics.coverage.category.unclassified);
  return portfolio.assets.map(({ symbol, name, dollarAmount }) => ({
    key: unknown.has(symbol) ? "unknown" : symbol,
    name: symbol,
    title: name,
    share: portfolio.totalValue ? dollarAmount / portfolio.totalValue : 0,
  }));
}

function tiles(portfolio: PortfolioView): Tile[] {
  const held = portfolio.assets
    .filter((holding) => holding.dollarAmount > 0)
    .sort((a, b) => b.dollarAmount - a.dollarAmount);
  const kinds = [...new Set(held.map((holding) => holding.type))];
  return held.map((holding) => ({
    key: holding.symbol,
    name: `${holding.symbol}, ${holding.name}`,
    group: word(holding.type),
    share: holding.dollarAmount / portfolio.totalValue,
    fill: `fill-${kinds.indexOf(holding.type)}`,
  }));
}
