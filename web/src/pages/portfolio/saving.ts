/** Writing a portfolio back whole, as the API takes it. */

import { call } from "../../api/client.ts";
import type { HoldingInput, HoldingView, PortfolioView, UpdatedPortfolio } from "../../api/schema.ts";
import { forget } from "../../app/data.ts";

/** A holding as it is sent: its allocation follows from the amounts. */
export function toInput(holding: HoldingView): HoldingInput {
  const { symbol, name, type, category, sector, geographicRegion, dollarAmount, shares } = holding;
  const { avgPurchasePrice, expenseRatio, dividendYield, riskRating } = holding;
  return {
    symbol,
    name,
    type,
    category,
    sector,
    geographicRegion,
    dollarAmount,
    shares,
    // What the shares are worth now, so that the amount is not compared with what was once paid for them.
    currentPrice: shares ? Number((dollarAmount / shares).toPrecision(12)) : null,
    avgPurchasePrice,
    expenseRatio,
    dividendYield,
    riskRating,
  };
}

/** Save a portfolio with some parts changed. Business rules that held before need no second confirmation. */
export async function replacing(
  portfolio: PortfolioView,
  change: { name?: string; assets?: HoldingInput[]; overrideRules?: boolean },
): Promise<UpdatedPortfolio> {
  const { id, version, name, description, currency, isPublic, riskProfile, investmentHorizon } = portfolio;
  const answer = await call("PUT /v1/portfolios/{portfolioId}", {
    path: { portfolioId: id },
    body: {
      version,
      name: change.name ?? name,
      description,
      currency,
      isPublic,
      riskProfile,
      investmentHorizon,
      assets: change.assets ?? portfolio.assets.map(toInput),
      overrideRules: change.overrideRules ?? change.assets === undefined,
    },
  });
  forget("portfolio");
  return answer;
}

const EXACT_DIGITS = 15;

/** Whether every number of a holding survives the browser's arithmetic, so that saving changes nothing unseen. */
export function isExact(holding: HoldingView): boolean {
  const { dollarAmount, shares, avgPurchasePrice, expenseRatio, dividendYield } = holding;
  return [dollarAmount, shares, avgPurchasePrice, expenseRatio, dividendYield].every(
    (value) => value === null || Math.abs(value) < 10 ** (EXACT_DIGITS - decimalsOf(value)),
  );
}

function decimalsOf(value: number): number {
  // Shares have up to six decimals; large numbers with that many are beyond a binary float.
  return Number.isInteger(value) ? 0 : 6;
}
