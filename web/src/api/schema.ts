// Written by `make openapi` from openapi.json: do not edit.

export interface AccountExport {
  exportedAt: string;
  profile: Profile;
  preferences: Preferences;
  signIn: SignInFacts;
  sessions: (SessionFacts)[];
  securityEvents: (EventFacts)[];
  portfolios: (Record<string, unknown>)[];
  uploads: (Record<string, unknown>)[];
  shares: (Record<string, unknown>)[];
}

export interface AccountUser {
  id: string;
  email: string;
  firstName: string;
  lastName: string;
  userType: "individual" | "professional" | "advisor" | "institution" | null;
  investmentExperience: "beginner" | "intermediate" | "advanced" | "expert" | null;
  riskTolerance: "conservative" | "moderate" | "aggressive" | null;
  mfaEnabled: boolean;
  operator: boolean;
}

export interface Acknowledged {
  message: string;
}

export interface ArticleInput {
  id: string | number;
  text?: string | null;
  sentences?: (string)[] | null;
}

export interface ArticleResult {
  id: string | number;
  positive: unknown[];
  neutral: unknown[];
  negative: unknown[];
  truncated: number;
  sentences: (SentenceView)[] | null;
}

export type AssetClass = "equity" | "fixed_income" | "real_assets" | "cash";

export type AssetType = "stock" | "etf" | "mutual_fund" | "bond" | "reit" | "commodity" | "cash";

export type Band = "low" | "moderate" | "high";

export type BandInput = { absolute?: number; relative?: number | null } | number;

export type Basis = "closes" | "stated";

export interface BatchInput {
  articles: (ArticleInput)[];
  splitting?: "sentences" | "client";
}

export interface BatchResult {
  model: ModelView;
  articles: (ArticleResult)[];
}

export interface BenchmarkFigures {
  symbol: string;
  days: number;
  beta: Figure;
  correlation: Figure;
}

export interface BestIn {
  metric: string;
  better: "higher" | "lower";
  portfolioIds: (string)[];
  value: number | null;
  reason: string | null;
}

export interface Breakdowns {
  sector: (Share)[];
  region: (Share)[];
  assetClass: (Share)[];
  category: (Share)[];
}

export type Category = "us_large_cap" | "us_mid_cap" | "us_small_cap" | "international_developed" | "emerging_markets" | "government_bonds" | "corporate_bonds" | "high_yield_bonds" | "international_bonds" | "inflation_protected" | "real_estate" | "commodities" | "cash_equivalents" | "domestic_equity" | "international_equity";

export type Cause = "over_maximum" | "above_band" | "withdrawal" | "raises_cash" | "below_band" | "places_cash" | "keeps_rest";

export type CautionCode = "CONCENTRATED_HOLDING" | "CONCENTRATED_SECTOR" | "HOME_BIAS" | "CONCENTRATED_REGION" | "SINGLE_ASSET_CLASS" | "LOW_CREDIT_QUALITY" | "ILLIQUID" | "LOW_COVERAGE" | "LOW_PRICE_COVERAGE" | "OLD_PRICES";

export interface Change {
  kind: "field" | "holding_added" | "holding_removed" | "holding_changed";
  field: string | null;
  symbol: string | null;
  before: string | null;
  after: string | null;
}

export interface ChartLine {
  id: string;
  values: (number)[] | null;
  reason: string | null;
}

export interface CodeRequest {
  email: string;
}

export interface ColumnView {
  header: string;
  field: string | null;
  numberFormat: string | null;
  samples: (string)[];
}

export interface ComparedHolding {
  symbol: string;
  name: string;
  weights: (number)[];
}

export interface ComparedPair {
  first: string;
  second: string;
  overlap: number;
  jaccard: number;
  correlation: Figure;
}

export interface ComparedPortfolio {
  id: string;
  name: string;
  overallRiskScore: number;
  overallRiskBand: Band;
  volatilityMeasured: boolean;
  holdingsCount: number;
  hhi: number;
  hhiLookThrough: number;
  effectiveHoldings: number;
  figures: PerformanceFigures;
  prices: PriceBasis;
}

export interface Comparison {
  asOf: string;
  period: Period;
  portfolios: (ComparedPortfolio)[];
  pairs: (ComparedPair)[];
  leastDiversifying: LeastDiversifying | null;
  best: (BestIn)[];
  holdings: (ComparedHolding)[];
  performance: PerformanceChart;
  method: (string)[];
  disclaimer: string;
}

export interface ComparisonRequest {
  portfolioIds: (string)[];
  from?: string | null;
  to?: string | null;
  benchmark?: string | null;
}

export interface ComponentScore {
  name: string;
  value: number | null;
  band: Band | null;
  score: number | null;
  weight: number;
  contribution: number;
  explanation: string;
}

export interface ConfirmRequest {
  email: string;
  code: string;
}

export interface Correlations {
  symbols: (string)[];
  matrix: ((number | null)[])[];
}

export interface Coverage {
  share: number;
  unclassified: (string)[];
}

export interface CoverageReport {
  sector: Coverage;
  region: Coverage;
  assetType: Coverage;
  category: Coverage;
}

export interface CreatedShare {
  shareId: string;
  permissions: ("view" | "analyze")[];
  showAmounts: boolean;
  createdAt: string;
  expiresAt: string;
  shareToken: string;
  shareUrl: string;
}

export interface DeadLetterView {
  id: string;
  queue: string;
  kind: string;
  attempts: number;
  reason: string;
}

export interface DeletedAccount {
  message: string;
  deletedItems: DeletedAccountItems;
}

export interface DeletedAccountItems {
  portfolios: number;
  holdings: number;
  uploads: number;
  shares: number;
  files: number;
  jobs: number;
}

export interface DeletedItems {
  portfolios: number;
  holdings: number;
  uploads: number;
  shares: number;
}

export interface DeletedPortfolio {
  id: string;
  deletedItems: DeletedItems;
}

export interface DeletionRequest {
  password?: string | null;
}

export interface DetailedPrediction {
  next: string;
  week: string;
  month: string;
  ticker: string;
  engine: "calibrated" | "original";
  detail: PredictionDetail;
}

export interface Diversification {
  sector: number | null;
  geography: number | null;
  assetType: number | null;
  composite: number | null;
}

export interface DrawdownFigure {
  value: number | null;
  reason: string | null;
  peak: string | null;
  trough: string | null;
  recovery: string | null;
}

export interface ErrorBody {
  error: string;
  message: string;
  details?: (Problem)[] | Record<string, unknown> | null;
  requestId: string;
}

export interface EventFacts {
  event: string;
  at: string;
}

export interface Figure {
  value: number | null;
  reason: string | null;
}

export interface ForgotPasswordRequest {
  email: string;
}

export interface GeographicRisk {
  value: number | null;
  band: Band | null;
  reason: string | null;
  hhi: number | null;
}

export interface GroupView {
  key: string;
  label: string;
  symbols: (string)[];
  targetWeight: number;
  lowestWeight: number;
  highestWeight: number;
  weightBefore: number;
  weightAfter: number;
  inBandBefore: boolean;
  inBandAfter: boolean;
}

export interface HeadlineView {
  published: string;
  title: string;
  url: string;
  publisher: string;
  label: "positive" | "neutral" | "negative" | null;
}

export interface Health {
  status: "ok";
  version: string;
}

export interface HoldingInput {
  symbol: string;
  name?: string | null;
  type?: "stock" | "etf" | "mutual_fund" | "bond" | "reit" | "commodity" | "cash" | null;
  category?: "us_large_cap" | "us_mid_cap" | "us_small_cap" | "international_developed" | "emerging_markets" | "government_bonds" | "corporate_bonds" | "high_yield_bonds" | "international_bonds" | "inflation_protected" | "real_estate" | "commodities" | "cash_equivalents" | "domestic_equity" | "international_equity" | null;
  sector?: "communication_services" | "consumer_discretionary" | "consumer_staples" | "energy" | "financials" | "health_care" | "industrials" | "information_technology" | "materials" | "real_estate" | "utilities" | "diversified" | "bonds" | "unknown" | null;
  geographicRegion?: "us" | "developed_international" | "emerging_markets" | "global" | "unknown" | null;
  allocationPercentage?: number | null;
  dollarAmount?: number | null;
  shares?: number | null;
  currentPrice?: number | null;
  avgPurchasePrice?: number | null;
  expenseRatio?: number | null;
  dividendYield?: number | null;
  riskRating?: number | null;
  id?: string | null;
}

export interface HoldingView {
  id: string;
  symbol: string;
  name: string;
  type: AssetType;
  category: Category | null;
  sector: Sector;
  geographicRegion: Region;
  allocationPercentage: number;
  dollarAmount: number;
  shares: number | null;
  avgPurchasePrice: number | null;
  expenseRatio: number | null;
  dividendYield: number | null;
  riskRating: number | null;
}

export interface HorizonDetail {
  horizonDays: number;
  direction: string;
  probabilityUp: number | null;
  accuracy: number | null;
  baselineAccuracy: number | null;
  brierScore: number | null;
  baselineBrierScore: number | null;
  confidenceInterval: IntervalView | null;
  evaluations: number;
  independentEvaluations: number;
  skill: boolean;
  explanation: string;
}

export interface IntervalView {
  level: number;
  lower: number;
  upper: number;
}

export interface JsonWebKeySet {
  keys: (Record<string, unknown>)[];
}

export type Label = "positive" | "neutral" | "negative";

export interface LeastDiversifying {
  first: string;
  second: string;
  by: "correlation" | "overlap";
  value: number;
  explanation: string;
}

export interface LoginRequest {
  email: string;
  password: string;
}

export interface MarketMetrics {
  volatility: Figure;
  annualReturn: Figure;
  maxDrawdown: DrawdownFigure;
  sharpeRatio: Figure;
  sortinoRatio: Figure;
  valueAtRisk95: Figure;
  valueAtRisk99: Figure;
  conditionalValueAtRisk95: Figure;
  conditionalValueAtRisk99: Figure;
  diversificationRatio: Figure;
  benchmark: BenchmarkFigures;
  reason: string | null;
  prices: PriceBasis;
  riskFreeRate: number;
  riskContributions: (RiskContribution)[];
  correlations: Correlations;
}

export interface Metric {
  value: number | null;
  band: Band | null;
  reason: string | null;
}

export interface MfaAnswerRequest {
  session: string;
  code: string;
}

export interface MfaDisableRequest {
  password: string;
}

export interface MfaEnableRequest {
  code: string;
}

export interface MfaRequired {
  challenge: "SOFTWARE_TOKEN_MFA";
  session: string;
}

export interface MfaSecret {
  secret: string;
  otpauthUri: string;
}

export interface MfaState {
  message: string;
  mfaEnabled: boolean;
}

export interface MissingPartView {
  reason: "PENDING" | "UNKNOWN_SYMBOL" | "NO_PROVIDER" | "PROVIDER_ERROR" | "NOT_PRICED" | "OUT_OF_RANGE" | "NOT_PREDICTABLE" | "BUSY";
  message: string;
  retryAfter: number | null;
}

export interface MissingParts {
  prices: MissingPartView | null;
  sentiment: MissingPartView | null;
  prediction: MissingPartView | null;
}

export interface MissingPrices {
  reason: "PENDING" | "UNKNOWN_SYMBOL" | "NO_PROVIDER" | "PROVIDER_ERROR" | "NOT_PRICED" | "OUT_OF_RANGE" | "SHORT_HISTORY" | "IMPLAUSIBLE" | "ENDED" | "GAPS";
  symbols: (string)[];
  share: number;
  message: string;
}

export type Mode = "full" | "buy_only" | "sell_only";

export interface ModelView {
  name: string;
  version: string;
  precision: string;
}

export interface NewPortfolioUpload {
  filename: string;
  size: number;
  contentType?: "application/csv" | "application/vnd.ms-excel" | "text/csv" | "text/plain" | "text/tab-separated-values";
  mapping?: Record<string, unknown> | null;
  mode?: "replace" | "merge";
  validateOnly?: boolean;
  overrideRules?: boolean;
  totalValue?: number | null;
  portfolioName?: string | null;
}

export interface NewsArticle {
  id: string;
  publisher: NewsPublisher;
  title: string;
  published_utc: string;
  article_url: string;
  tickers: (string)[];
  author: string | null;
  amp_url: string | null;
  image_url: string | null;
  description: string | null;
  keywords: (string)[] | null;
  insights: (NewsInsight)[] | null;
}

export interface NewsInsight {
  ticker: string;
  sentiment: string;
  sentiment_reasoning: string | null;
}

export interface NewsList {
  results: (NewsArticle)[];
  status: "OK";
  request_id: string;
  count: number;
  next_url: string | null;
}

export interface NewsPublisher {
  name: string;
  homepage_url: string | null;
  logo_url: string | null;
  favicon_url: string | null;
}

export interface NewsSentimentView {
  asOf: string;
  source: string;
  model: string | null;
  firstDay: string;
  lastDay: string;
  complete: boolean;
  days: (SentimentDayView)[];
  headlines: (HeadlineView)[];
}

export interface Notifications {
  uploads: boolean;
  riskChanges: boolean;
  weeklySummary: boolean;
}

export interface NotificationsChange {
  uploads?: boolean;
  riskChanges?: boolean;
  weeklySummary?: boolean;
}

export interface OpsSummary {
  since: string;
  at: string;
  requests: number;
  errors: number;
  refused: number;
  p50Ms: number | null;
  p95Ms: number | null;
  p99Ms: number | null;
  routes: (RouteSummary)[];
  queues: (QueueSummary)[];
  deadLetters: (DeadLetterView)[];
}

export interface OutlookPrediction {
  asOf: string;
  engine: "calibrated" | "original";
  firstDay: string;
  days: number;
  usesVolume: boolean;
  detail: PredictionDetail;
}

export interface OutlookView {
  ticker: string;
  prices: PricesView | null;
  sentiment: NewsSentimentView | null;
  prediction: OutlookPrediction | null;
  missing: MissingParts;
}

export interface Pagination {
  total: number;
  limit: number;
  offset: number;
  hasMore: boolean;
}

export interface PartReadiness {
  name: string;
  state: string;
}

export interface PerformanceChart {
  days: (string)[];
  portfolios: (ChartLine)[];
  benchmark: ChartLine;
}

export interface PerformanceFigures {
  volatility: Figure;
  annualReturn: Figure;
  maxDrawdown: DrawdownFigure;
  sharpeRatio: Figure;
  sortinoRatio: Figure;
  valueAtRisk95: Figure;
  valueAtRisk99: Figure;
  conditionalValueAtRisk95: Figure;
  conditionalValueAtRisk99: Figure;
  diversificationRatio: Figure;
  benchmark: BenchmarkFigures;
}

export interface Period {
  firstDay: string | null;
  lastDay: string | null;
  days: number;
  reason: string | null;
  retryAfter: number | null;
}

export interface PortfolioInput {
  name: string;
  description?: string;
  totalValue?: number | null;
  currency?: string;
  assets: (HoldingInput)[];
  isPublic?: boolean;
  riskProfile?: "conservative" | "moderate" | "aggressive" | null;
  investmentHorizon?: "short" | "medium" | "long" | null;
  overrideRules?: boolean;
}

export interface PortfolioList {
  portfolios: (PortfolioSummary)[];
  pagination: Pagination;
}

export interface PortfolioSummary {
  id: string;
  name: string;
  description: string;
  totalValue: number;
  currency: string;
  isPublic: boolean;
  riskProfile: "conservative" | "moderate" | "aggressive" | null;
  investmentHorizon: "short" | "medium" | "long" | null;
  version: number;
  holdingsCount: number;
  riskScore: number | null;
  createdAt: string;
  updatedAt: string;
  lastAnalyzedAt: string | null;
  analysisCount: number;
}

export interface PortfolioUpdate {
  name: string;
  description?: string;
  totalValue?: number | null;
  currency?: string;
  assets: (HoldingInput)[];
  isPublic?: boolean;
  riskProfile?: "conservative" | "moderate" | "aggressive" | null;
  investmentHorizon?: "short" | "medium" | "long" | null;
  overrideRules?: boolean;
  version: number;
}

export interface PortfolioView {
  id: string;
  name: string;
  description: string;
  totalValue: number;
  currency: string;
  isPublic: boolean;
  riskProfile: "conservative" | "moderate" | "aggressive" | null;
  investmentHorizon: "short" | "medium" | "long" | null;
  version: number;
  holdingsCount: number;
  riskScore: number | null;
  createdAt: string;
  updatedAt: string;
  lastAnalyzedAt: string | null;
  analysisCount: number;
  assets: (HoldingView)[];
  riskMetrics: RiskReport;
}

export interface PositionView {
  symbol: string;
  name: string;
  assetClass: AssetClass | null;
  group: string | null;
  shares: number | null;
  amount: number;
  weight: number;
  targetWeight: number;
  drift: number;
  residual: boolean;
}

export interface Prediction {
  next: string;
  week: string;
  month: string;
  ticker: string;
}

export interface PredictionDetail {
  next: HorizonDetail;
  week: HorizonDetail;
  month: HorizonDetail;
}

export interface PredictionRequest {
  ticker: string;
  close: (number)[];
  volume: (number)[];
  positive: (number)[];
  negative: (number)[];
  sentiment: (number)[] | ("NEG" | "NEUT" | "POS" | "UNKNOWN")[];
  engine?: "calibrated" | "original" | null;
}

export interface Preferences {
  theme: "system" | "light" | "dark";
  currency: string;
  hideAmounts: boolean;
  defaultBenchmark: string;
  defaultRange: "1M" | "3M" | "6M" | "YTD" | "1Y" | "5Y" | "ALL";
  notifications: Notifications;
}

export interface PreferencesChange {
  theme?: "system" | "light" | "dark";
  currency?: string;
  hideAmounts?: boolean;
  defaultBenchmark?: string;
  defaultRange?: "1M" | "3M" | "6M" | "YTD" | "1Y" | "5Y" | "ALL";
  notifications?: NotificationsChange;
}

export interface PreferencesUpdated {
  updatedFields: (string)[];
  preferences: Preferences;
}

export interface Preview {
  totalValue: number | null;
  currency: string | null;
  encoding: string | null;
  delimiter: string | null;
  columns: (ColumnView)[];
  assets: (PreviewHolding)[];
}

export interface PreviewHolding {
  symbol: string;
  name: string;
  type: string;
  allocationPercentage: number;
  dollarAmount: number;
  shares: number | null;
}

export interface PriceBasis {
  firstDay: string | null;
  lastDay: string | null;
  days: number;
  coverage: number;
  missing: (MissingPrices)[];
  retryAfter: number | null;
  sources: (string)[];
}

export type PriceSource = "close" | "holding";

export interface PricedDayView {
  date: string;
  open: number | null;
  high: number | null;
  low: number | null;
  close: number;
  adjClose: number;
  volume: number | null;
}

export interface PricesView {
  asOf: string;
  source: string;
  changePercent: number | null;
  days: (PricedDayView)[];
}

export interface Problem {
  field: string;
  code: string;
  message: string;
}

export interface Profile {
  id: string;
  email: string;
  firstName: string;
  lastName: string;
  userType: "individual" | "professional" | "advisor" | "institution" | null;
  investmentExperience: "beginner" | "intermediate" | "advanced" | "expert" | null;
  riskTolerance: "conservative" | "moderate" | "aggressive" | null;
  marketingConsent: boolean;
  createdAt: string;
  updatedAt: string;
}

export interface ProfileChange {
  firstName?: string;
  lastName?: string;
  userType?: "individual" | "professional" | "advisor" | "institution" | null;
  investmentExperience?: "beginner" | "intermediate" | "advanced" | "expert" | null;
  riskTolerance?: "conservative" | "moderate" | "aggressive" | null;
  marketingConsent?: boolean;
}

export interface ProfileUpdated {
  updatedFields: (string)[];
  profile: Profile;
}

export interface QueueSummary {
  name: string;
  waiting: number;
  oldestSeconds: number | null;
  dead: number;
}

export interface Readiness {
  status: "ready";
  parts: (PartReadiness)[];
}

export interface RebalanceAdvice {
  asOf: string;
  model: "conservative" | "moderate" | "aggressive" | null;
  plan: RebalancePlan | null;
  reason: string | null;
  needsRebalancing: boolean | null;
  recommendations: (RecommendationView)[];
  disclaimer: string;
}

export interface RebalancePlan {
  asOf: string;
  currency: string;
  valuation: ValuationView;
  valueBefore: number;
  cashFlow: number;
  valueAfter: number;
  trades: (TradeView)[];
  bought: number;
  sold: number;
  residualCash: number;
  turnover: number;
  before: (PositionView)[];
  after: (PositionView)[];
  groups: (GroupView)[];
  riskChange: (RiskChange)[];
  steps: (string)[];
  recommendations: (RecommendationView)[];
  notes: (string)[];
  disclaimer: string;
}

export interface RebalanceRequest {
  targets: { model: "conservative" | "moderate" | "aggressive" } | { method: "equal_weight" | "minimum_variance" | "risk_parity" } | Record<string, number>;
  cashFlow?: number;
  mode?: Mode;
  fractionalShares?: boolean;
  minTrade?: number;
  band?: BandInput;
  maxPosition?: number | null;
  neverSell?: (string)[];
}

export type RecommendationCode = "OVER_CONCENTRATED" | "MISSING_EQUITY" | "MISSING_BONDS" | "ONE_SECTOR" | "HOME_BIAS";

export interface RecommendationView {
  code: RecommendationCode;
  message: string;
  symbols: (string)[];
  trades: (SuggestedTrade)[];
  mendedByPlan: boolean;
}

export interface Redriven {
  jobs: number;
}

export interface RefreshRequest {
  refreshToken: string;
}

export type Region = "us" | "developed_international" | "emerging_markets" | "global" | "unknown";

export interface RegisterRequest {
  email: string;
  password: string;
  firstName: string;
  lastName: string;
  userType?: "individual" | "professional" | "advisor" | "institution" | null;
  investmentExperience?: "beginner" | "intermediate" | "advanced" | "expert" | null;
  riskTolerance?: "conservative" | "moderate" | "aggressive" | null;
  marketingConsent?: boolean;
}

export interface RegisteredUser {
  message: string;
  userId: string;
  verificationRequired: boolean;
}

export interface ResetPasswordRequest {
  email: string;
  code: string;
  newPassword: string;
}

export interface RevokedShare {
  shareId: string;
  viewCount: number;
  lastViewedAt: string | null;
}

export interface RiskChange {
  metric: string;
  before: number | null;
  after: number | null;
  change: number | null;
}

export interface RiskContribution {
  symbol: string;
  weight: number;
  volatility: number;
  contribution: number;
  share: number;
}

export interface RiskReport {
  asOf: string;
  summary: string;
  overallRiskScore: number;
  overallRiskBand: Band;
  components: (ComponentScore)[];
  warnings: (RiskWarning)[];
  holdingsCount: number;
  hhi: Metric;
  hhiLookThrough: Metric;
  effectiveHoldings: Metric;
  normalizedHhi: Metric;
  topHoldings: TopHoldings;
  volatility: VolatilityMetric;
  sectorConcentration: SectorConcentration;
  geographicRisk: GeographicRisk;
  assetTypeDiversification: Metric;
  creditRisk: Metric;
  liquidityRisk: Metric;
  diversification: Diversification;
  coverage: CoverageReport;
  breakdowns: Breakdowns;
  market: MarketMetrics;
  method: (string)[];
  dataSources: (string)[];
  disclaimer: string;
}

export interface RiskWarning {
  code: CautionCode;
  message: string;
}

export interface RouteSummary {
  method: string;
  route: string;
  requests: number;
  errors: number;
  refused: number;
  p95Ms: number | null;
}

export interface RowCounts {
  total: number;
  imported: number;
  skipped: number;
  duplicates: number;
  errors: number;
}

export interface RowProblem {
  line: number | null;
  column: string | null;
  value: string | null;
  code: string;
  message: string;
  suggestion: string | null;
}

export interface SavedPortfolio {
  id: string;
  name: string;
  description: string;
  totalValue: number;
  currency: string;
  isPublic: boolean;
  riskProfile: "conservative" | "moderate" | "aggressive" | null;
  investmentHorizon: "short" | "medium" | "long" | null;
  version: number;
  holdingsCount: number;
  riskScore: number | null;
  createdAt: string;
  updatedAt: string;
  lastAnalyzedAt: string | null;
  analysisCount: number;
  validationResults: ValidationResults;
}

export interface SearchMatch {
  ticker: string;
  name: string | null;
  assetType: string | null;
  isActive: boolean | null;
  permaTicker: string | null;
  openFIGIComposite: string | null;
  countryCode: string | null;
}

export type Sector = "communication_services" | "consumer_discretionary" | "consumer_staples" | "energy" | "financials" | "health_care" | "industrials" | "information_technology" | "materials" | "real_estate" | "utilities" | "diversified" | "bonds" | "unknown";

export interface SectorConcentration {
  value: number | null;
  band: Band | null;
  reason: string | null;
  largestSector: string | null;
  hhi: number | null;
}

export interface SentenceView {
  text: string;
  label: Label;
  positive: number;
  neutral: number;
  negative: number;
  truncated: boolean;
}

export interface SentimentDayView {
  date: string;
  articles: number;
  positive: number;
  neutral: number;
  negative: number;
  label: "none" | "positive" | "neutral" | "negative";
}

export interface SentimentInput {
  text: (string)[];
  hash?: string | number | null;
}

export interface SentimentResult {
  positive: unknown[];
  neutral: unknown[];
  negative: unknown[];
  hash: string | number | null;
  truncated: number;
  model: ModelView | null;
  sentences: (SentenceView)[] | null;
}

export interface SessionFacts {
  id: string;
  createdAt: string;
  lastUsedAt: string;
  expiresAt: string;
  revokedAt: string | null;
  revokedReason: string | null;
}

export interface Share {
  key: string;
  share: number;
}

export interface ShareList {
  shares: (ShareView)[];
}

export interface ShareRequest {
  expiresIn?: string;
  permissions?: ("view" | "analyze")[];
  showAmounts?: boolean;
}

export interface ShareView {
  shareId: string;
  permissions: ("view" | "analyze")[];
  showAmounts: boolean;
  createdAt: string;
  expiresAt: string;
  viewCount: number;
  lastViewedAt: string | null;
}

export interface SharedBenchmark {
  symbol: string;
  days: number;
  beta: SharedFigure;
  correlation: SharedFigure;
}

export interface SharedBreakdowns {
  sector: (SharedSlice)[];
  region: (SharedSlice)[];
  assetClass: (SharedSlice)[];
  category: (SharedSlice)[];
}

export interface SharedComponent {
  name: string;
  value: number | null;
  band: Band | null;
  score: number | null;
  weight: number;
  contribution: number;
  explanation: string;
}

export interface SharedCorrelations {
  symbols: (string)[];
  matrix: ((number | null)[])[];
}

export interface SharedCoverage {
  share: number;
  unclassified: (string)[];
}

export interface SharedCoverageReport {
  sector: SharedCoverage;
  region: SharedCoverage;
  assetType: SharedCoverage;
  category: SharedCoverage;
}

export interface SharedDiversification {
  sector: number | null;
  geography: number | null;
  assetType: number | null;
  composite: number | null;
}

export interface SharedDrawdown {
  value: number | null;
  reason: string | null;
  peak: string | null;
  trough: string | null;
  recovery: string | null;
}

export interface SharedFigure {
  value: number | null;
  reason: string | null;
}

export interface SharedGeographicRisk {
  value: number | null;
  band: Band | null;
  reason: string | null;
  hhi: number | null;
}

export interface SharedHolding {
  symbol: string;
  name: string;
  type: AssetType;
  category: Category | null;
  sector: Sector;
  geographicRegion: Region;
  allocationPercentage: number;
}

export interface SharedHoldingWithAmount {
  symbol: string;
  name: string;
  type: AssetType;
  category: Category | null;
  sector: Sector;
  geographicRegion: Region;
  allocationPercentage: number;
  dollarAmount: number;
}

export interface SharedMarketMetrics {
  reason: string | null;
  prices: SharedPriceBasis;
  riskFreeRate: number;
  volatility: SharedFigure;
  annualReturn: SharedFigure;
  maxDrawdown: SharedDrawdown;
  sharpeRatio: SharedFigure;
  sortinoRatio: SharedFigure;
  valueAtRisk95: SharedFigure;
  valueAtRisk99: SharedFigure;
  conditionalValueAtRisk95: SharedFigure;
  conditionalValueAtRisk99: SharedFigure;
  diversificationRatio: SharedFigure;
  benchmark: SharedBenchmark;
  riskContributions: (SharedRiskContribution)[];
  correlations: SharedCorrelations;
}

export interface SharedMetric {
  value: number | null;
  band: Band | null;
  reason: string | null;
}

export interface SharedMissingPrices {
  reason: "PENDING" | "UNKNOWN_SYMBOL" | "NO_PROVIDER" | "PROVIDER_ERROR" | "NOT_PRICED" | "OUT_OF_RANGE" | "SHORT_HISTORY" | "IMPLAUSIBLE" | "ENDED" | "GAPS";
  symbols: (string)[];
  share: number;
  message: string;
}

export interface SharedPortfolio {
  name: string;
  updatedAt: string;
  expiresAt: string;
  permissions: ("view" | "analyze")[];
  showAmounts: false;
  assets: (SharedHolding)[];
}

export interface SharedPortfolioWithAmounts {
  name: string;
  updatedAt: string;
  expiresAt: string;
  permissions: ("view" | "analyze")[];
  showAmounts: true;
  currency: string;
  totalValue: number;
  assets: (SharedHoldingWithAmount)[];
}

export interface SharedPriceBasis {
  firstDay: string | null;
  lastDay: string | null;
  days: number;
  coverage: number;
  missing: (SharedMissingPrices)[];
  retryAfter: number | null;
  sources: (string)[];
}

export interface SharedRiskContribution {
  symbol: string;
  weight: number;
  volatility: number;
  contribution: number;
  share: number;
}

export interface SharedRiskReport {
  asOf: string;
  summary: string;
  overallRiskScore: number;
  overallRiskBand: Band;
  components: (SharedComponent)[];
  warnings: (SharedWarning)[];
  holdingsCount: number;
  hhi: SharedMetric;
  hhiLookThrough: SharedMetric;
  effectiveHoldings: SharedMetric;
  normalizedHhi: SharedMetric;
  topHoldings: SharedTopHoldings;
  volatility: SharedVolatility;
  sectorConcentration: SharedSectorConcentration;
  geographicRisk: SharedGeographicRisk;
  assetTypeDiversification: SharedMetric;
  creditRisk: SharedMetric;
  liquidityRisk: SharedMetric;
  diversification: SharedDiversification;
  coverage: SharedCoverageReport;
  breakdowns: SharedBreakdowns;
  market: SharedMarketMetrics;
  method: (string)[];
  dataSources: (string)[];
  disclaimer: string;
}

export interface SharedSectorConcentration {
  value: number | null;
  band: Band | null;
  reason: string | null;
  largestSector: string | null;
  hhi: number | null;
}

export interface SharedSlice {
  key: string;
  share: number;
}

export interface SharedTopHoldings {
  "1": number;
  "3": number;
  "5": number;
  "10": number;
}

export interface SharedVolatility {
  value: number | null;
  band: Band | null;
  reason: string | null;
  measured: boolean;
}

export interface SharedWarning {
  code: CautionCode;
  message: string;
}

export interface SignInFacts {
  email: string;
  emailConfirmed: boolean;
  mfaEnabled: boolean;
  operator: boolean;
  registeredAt: string;
  firstName: string;
  lastName: string;
  userType: string | null;
  investmentExperience: string | null;
  riskTolerance: string | null;
  marketingConsent: boolean;
}

export interface SignedIn {
  accessToken: string;
  idToken: string;
  refreshToken: string;
  expiresIn: number;
  user: AccountUser;
}

export interface SuggestedTrade {
  symbol: string;
  action: "buy" | "sell";
  amount: number;
}

export interface TickerDescription {
  ticker: string;
  name: string | null;
  exchangeCode: string | null;
  description: string | null;
  startDate: string | null;
  endDate: string | null;
}

export interface TopHoldings {
  "1": number;
  "3": number;
  "5": number;
  "10": number;
}

export interface TradeView {
  symbol: string;
  name: string;
  action: "buy" | "sell";
  shares: number | null;
  amount: number;
  price: number | null;
  priceSource: PriceSource | null;
  priceDate: string | null;
  cause: Cause;
  reason: string;
}

export interface TradingDay {
  date: string;
  close: number;
  high: number | null;
  low: number | null;
  open: number | null;
  volume: number | null;
  adjClose: number;
  adjHigh: number | null;
  adjLow: number | null;
  adjOpen: number | null;
  adjVolume: number | null;
  divCash: number | null;
  splitFactor: number | null;
}

export interface UpdatedPortfolio {
  id: string;
  name: string;
  description: string;
  totalValue: number;
  currency: string;
  isPublic: boolean;
  riskProfile: "conservative" | "moderate" | "aggressive" | null;
  investmentHorizon: "short" | "medium" | "long" | null;
  version: number;
  holdingsCount: number;
  riskScore: number | null;
  createdAt: string;
  updatedAt: string;
  lastAnalyzedAt: string | null;
  analysisCount: number;
  validationResults: ValidationResults;
  changes: (Change)[];
}

export interface UploadRequest {
  filename: string;
  size: number;
  contentType?: "application/csv" | "application/vnd.ms-excel" | "text/csv" | "text/plain" | "text/tab-separated-values";
  mapping?: Record<string, unknown> | null;
  mode?: "replace" | "merge";
  validateOnly?: boolean;
  overrideRules?: boolean;
  totalValue?: number | null;
}

export interface UploadTicketView {
  uploadId: string;
  uploadUrl: string;
  method: "PUT" | "POST";
  headers: Record<string, string>;
  fields: Record<string, string>;
  expiresAt: string;
  maxBytes: number;
}

export interface UploadView {
  uploadId: string;
  status: "AWAITING_UPLOAD" | "QUEUED" | "PROCESSING" | "COMPLETED" | "FAILED" | "EXPIRED" | "UNDONE";
  progress: number;
  filename: string;
  mode: "replace" | "merge";
  validateOnly: boolean;
  rows: RowCounts;
  errors: (RowProblem)[];
  warnings: (RowProblem)[];
  portfolioId: string | null;
  preview: Preview | null;
  createdAt: string;
  completedAt: string | null;
}

export interface ValidationResults {
  allocationSum: number;
  dollarConsistency: boolean;
  diversificationScore: number | null;
  warnings: (WarningView)[];
}

export interface ValuationView {
  basis: Basis;
  asOf: string;
}

export interface VolatilityMetric {
  value: number | null;
  band: Band | null;
  reason: string | null;
  measured: boolean;
}

export interface WarningView {
  code: string;
  message: string;
  field: string | null;
  suggestion: string | null;
}

export interface WebSession {
  accessToken: string;
  expiresIn: number;
  user: AccountUser;
}

export interface Operations {
  "GET /.well-known/jwks.json": { path: undefined; query: undefined; body: undefined; answer: JsonWebKeySet };
  "POST /v1/auth/confirm": { path: undefined; query: undefined; body: ConfirmRequest; answer: Acknowledged };
  "POST /v1/auth/forgot-password": { path: undefined; query: undefined; body: ForgotPasswordRequest; answer: Acknowledged };
  "GET /v1/auth/jwks": { path: undefined; query: undefined; body: undefined; answer: JsonWebKeySet };
  "POST /v1/auth/login": { path: undefined; query: undefined; body: LoginRequest; answer: SignedIn | MfaRequired };
  "POST /v1/auth/logout": { path: undefined; query: undefined; body: undefined; answer: Acknowledged };
  "POST /v1/auth/mfa/disable": { path: undefined; query: undefined; body: MfaDisableRequest; answer: MfaState };
  "POST /v1/auth/mfa/enable": { path: undefined; query: undefined; body: MfaEnableRequest; answer: MfaState };
  "POST /v1/auth/mfa/setup": { path: undefined; query: undefined; body: undefined; answer: MfaSecret };
  "POST /v1/auth/mfa/verify": { path: undefined; query: undefined; body: MfaAnswerRequest; answer: SignedIn };
  "POST /v1/auth/refresh": { path: undefined; query: undefined; body: RefreshRequest; answer: SignedIn };
  "POST /v1/auth/register": { path: undefined; query: undefined; body: RegisterRequest; answer: RegisteredUser };
  "POST /v1/auth/resend-code": { path: undefined; query: undefined; body: CodeRequest; answer: Acknowledged };
  "POST /v1/auth/reset-password": { path: undefined; query: undefined; body: ResetPasswordRequest; answer: Acknowledged };
  "POST /v1/auth/session": { path: undefined; query: undefined; body: LoginRequest; answer: WebSession | MfaRequired };
  "POST /v1/auth/session/mfa": { path: undefined; query: undefined; body: MfaAnswerRequest; answer: WebSession };
  "POST /v1/auth/session/refresh": { path: undefined; query: undefined; body: undefined; answer: WebSession };
  "GET /v1/health": { path: undefined; query: undefined; body: undefined; answer: Health };
  "GET /v1/market/{ticker}/outlook": { path: { ticker: string }; query: { days?: number }; body: undefined; answer: OutlookView };
  "GET /v1/news": { path: undefined; query: { ticker: string; from?: string | null; to?: string | null; limit?: number | null }; body: undefined; answer: NewsList };
  "POST /v1/ops/dead-letters/redrive": { path: undefined; query: undefined; body: undefined; answer: Redriven };
  "GET /v1/ops/summary": { path: undefined; query: undefined; body: undefined; answer: OpsSummary };
  "GET /v1/portfolios": { path: undefined; query: { limit?: number; offset?: number; sortBy?: "created_at" | "updated_at" | "name" | "total_value"; sortOrder?: "asc" | "desc" }; body: undefined; answer: PortfolioList };
  "POST /v1/portfolios": { path: undefined; query: undefined; body: PortfolioInput; answer: SavedPortfolio };
  "POST /v1/portfolios/compare": { path: undefined; query: undefined; body: ComparisonRequest; answer: Comparison };
  "DELETE /v1/portfolios/{portfolioId}": { path: { portfolioId: string }; query: undefined; body: undefined; answer: DeletedPortfolio };
  "GET /v1/portfolios/{portfolioId}": { path: { portfolioId: string }; query: undefined; body: undefined; answer: PortfolioView };
  "PUT /v1/portfolios/{portfolioId}": { path: { portfolioId: string }; query: undefined; body: PortfolioUpdate; answer: UpdatedPortfolio };
  "GET /v1/portfolios/{portfolioId}/rebalance": { path: { portfolioId: string }; query: undefined; body: undefined; answer: RebalanceAdvice };
  "POST /v1/portfolios/{portfolioId}/rebalance": { path: { portfolioId: string }; query: undefined; body: RebalanceRequest; answer: RebalancePlan };
  "GET /v1/portfolios/{portfolioId}/risk": { path: { portfolioId: string }; query: { benchmark?: string | null }; body: undefined; answer: RiskReport };
  "POST /v1/portfolios/{portfolioId}/share": { path: { portfolioId: string }; query: undefined; body: ShareRequest; answer: CreatedShare };
  "GET /v1/portfolios/{portfolioId}/shares": { path: { portfolioId: string }; query: undefined; body: undefined; answer: ShareList };
  "DELETE /v1/portfolios/{portfolioId}/shares/{shareId}": { path: { portfolioId: string; shareId: string }; query: undefined; body: undefined; answer: RevokedShare };
  "POST /v1/portfolios/{portfolioId}/upload": { path: { portfolioId: string }; query: undefined; body: UploadRequest; answer: UploadTicketView };
  "POST /v1/predict": { path: undefined; query: { detail?: boolean }; body: PredictionRequest; answer: DetailedPrediction | Prediction };
  "GET /v1/ready": { path: undefined; query: undefined; body: undefined; answer: Readiness };
  "GET /v1/search": { path: undefined; query: { query: string }; body: undefined; answer: (SearchMatch)[] };
  "POST /v1/sentiment": { path: undefined; query: { detail?: boolean }; body: SentimentInput; answer: SentimentResult };
  "POST /v1/sentiment/batch": { path: undefined; query: { detail?: boolean }; body: BatchInput; answer: BatchResult };
  "GET /v1/shared/{token}": { path: { token: string }; query: undefined; body: undefined; answer: SharedPortfolio | SharedPortfolioWithAmounts };
  "GET /v1/shared/{token}/risk": { path: { token: string }; query: undefined; body: undefined; answer: SharedRiskReport };
  "GET /v1/stocks": { path: undefined; query: { ticker: string; startDate?: string | null; endDate?: string | null; type?: "prices" | "metadata" }; body: undefined; answer: (TradingDay)[] | TickerDescription };
  "GET /v1/tiingo/daily/{ticker}": { path: { ticker: string }; query: undefined; body: undefined; answer: TickerDescription };
  "GET /v1/tiingo/daily/{ticker}/prices": { path: { ticker: string }; query: { startDate?: string | null; endDate?: string | null }; body: undefined; answer: (TradingDay)[] };
  "GET /v1/tiingo/utilities/search": { path: undefined; query: { query: string }; body: undefined; answer: (SearchMatch)[] };
  "GET /v1/upload/{uploadId}/errors.csv": { path: { uploadId: string }; query: undefined; body: undefined; answer: string };
  "GET /v1/upload/{uploadId}/status": { path: { uploadId: string }; query: undefined; body: undefined; answer: UploadView };
  "POST /v1/upload/{uploadId}/undo": { path: { uploadId: string }; query: undefined; body: undefined; answer: UploadView };
  "POST /v1/uploads": { path: undefined; query: undefined; body: NewPortfolioUpload; answer: UploadTicketView };
  "DELETE /v1/user": { path: undefined; query: undefined; body: DeletionRequest; answer: DeletedAccount };
  "GET /v1/user/export": { path: undefined; query: undefined; body: undefined; answer: AccountExport };
  "GET /v1/user/preferences": { path: undefined; query: undefined; body: undefined; answer: Preferences };
  "PUT /v1/user/preferences": { path: undefined; query: undefined; body: PreferencesChange; answer: PreferencesUpdated };
  "GET /v1/user/profile": { path: undefined; query: undefined; body: undefined; answer: Profile };
  "PUT /v1/user/profile": { path: undefined; query: undefined; body: ProfileChange; answer: ProfileUpdated };
  "GET /v1/v2/reference/news": { path: undefined; query: { ticker?: string | null; "published_utc.gte"?: string | null; "published_utc.lte"?: string | null; limit?: number | null; cursor?: string | null }; body: undefined; answer: NewsList };
}
