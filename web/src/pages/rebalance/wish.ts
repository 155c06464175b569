/** What the owner wants, as it is typed, and as the API takes it. */

import type { PortfolioView, RebalanceRequest } from "../../api/schema.ts";

type Model = "conservative" | "moderate" | "aggressive";
type Method = "equal_weight" | "minimum_variance" | "risk_parity";
export type Aim = Model | Method | "own";

export interface Target {
  key: string;
  percent: number | null;
}

export interface Draft {
  aim: Aim;
  own: Target[];
  cashFlow: number;
  mode: "full" | "buy_only" | "sell_only";
  fractionalShares: boolean;
  minTrade: number | null;
  band: number | null;
  maxPosition: number | null;
  neverSell: string[];
}

const MODELS: readonly string[] = ["conservative", "moderate", "aggressive"];
const HUNDREDTHS = 100;

/** A first wish: the model that suits the owner, and today's weights for who wants others. */
export function draftFor(portfolio: PortfolioView, model: Model): Draft {
  return {
    aim: model,
    own: portfolio.assets.map(({ symbol, allocationPercentage }) => ({
      key: symbol,
      percent: allocationPercentage,
    })),
    cashFlow: 0,
    mode: "full",
    fractionalShares: false,
    minTrade: null,
    band: null,
    maxPosition: null,
    neverSell: [],
  };
}

/** The sum of the owner's targets, exact to two decimals. */
export function ownSum(draft: Draft): number {
  return (
    draft.own.reduce((sum, { percent }) => sum + Math.round((percent ?? 0) * HUNDREDTHS), 0) / HUNDREDTHS
  );
}

export function isComplete(draft: Draft): boolean {
  if (draft.aim !== "own") return true;
  return ownSum(draft) === 100 && draft.own.every(({ key }) => /^[A-Za-z0-9][A-Za-z0-9.-]*$/.test(key));
}

export function toRequest(draft: Draft): RebalanceRequest {
  const { aim, cashFlow, mode, fractionalShares, minTrade, band, maxPosition, neverSell } = draft;
  return {
    targets: targets(aim, draft.own),
    cashFlow,
    mode,
    fractionalShares,
    ...(minTrade !== null && { minTrade }),
    ...(band !== null && { band }),
    maxPosition,
    neverSell,
  };
}

function targets(aim: Aim, own: Target[]): RebalanceRequest["targets"] {
  if (aim === "own")
    return Object.fromEntries(own.map(({ key, percent }) => [key.toUpperCase(), percent ?? 0]));
  return MODELS.includes(aim) ? { model: aim as Model } : { method: aim as Method };
}
