/** The contract's words as people write them. */

const WORDS: Record<string, string> = {
  us: "United States",
  "^GSPC": "S&P 500",
  etf: "ETF",
  reit: "REIT",
  us_large_cap: "US large cap",
  us_mid_cap: "US mid cap",
  us_small_cap: "US small cap",
  developed_international: "Developed markets",
  international_developed: "Developed markets",
  unknown: "Unknown",
  symbol: "Symbol",
  type: "Asset type",
  geographicRegion: "Region",
  allocationPercentage: "Allocation %",
  dollarAmount: "Market value",
  shares: "Shares",
  price: "Price",
  avgPurchasePrice: "Average price paid",
  expenseRatio: "Expense ratio %",
  dividendYield: "Dividend yield %",
  riskRating: "Your risk rating",
  isin: "ISIN",
  costBasis: "Cost basis (not imported)",
  account: "Account (not imported)",
  level: "Level of detail (not imported)",
  concentration: "Concentration",
};

/** A word of the contract, such as `information_technology`. */
export function word(key: string): string {
  const known = WORDS[key];
  if (known) return known;
  const words = key
    .replace(/_/g, " ")
    .replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export const SECTORS = [
  "communication_services",
  "consumer_discretionary",
  "consumer_staples",
  "energy",
  "financials",
  "health_care",
  "industrials",
  "information_technology",
  "materials",
  "real_estate",
  "utilities",
  "diversified",
  "bonds",
  "unknown",
] as const;
export const TYPES = ["stock", "etf", "mutual_fund", "bond", "reit", "commodity", "cash"] as const;
export const REGIONS = ["us", "developed_international", "emerging_markets", "global", "unknown"] as const;

/** What a column of a file can be read as, for the mapping step. */
export const FIELDS = [
  "symbol",
  "name",
  "dollarAmount",
  "allocationPercentage",
  "shares",
  "price",
  "avgPurchasePrice",
  "type",
  "category",
  "sector",
  "geographicRegion",
  "expenseRatio",
  "dividendYield",
  "riskRating",
  "currency",
  "isin",
  "account",
  "costBasis",
  "level",
] as const;
