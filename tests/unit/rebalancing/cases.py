"""Portfolios to rebalance: plain builders, and random ones with everything a request may ask for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from random import Random

import numpy as np
from msgspec.structs import replace

from foliolens.holdings.models import Holding
from foliolens.ports.prices import PriceHistory, PriceSeries
from foliolens.rebalancing.methods import Method, method_targets
from foliolens.rebalancing.model_portfolios import Model, model_targets
from foliolens.rebalancing.models import DEFAULT_BAND, Band, Mode, Options
from foliolens.rebalancing.plan import Plan, make_plan
from foliolens.rebalancing.targets import Targets, targets_by_key
from foliolens.rebalancing.valuation import SharePrice, Valuation, value
from foliolens.reference.taxonomy import AssetType, Category, Region, Sector

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 21, 0, tzinfo=UTC)
NOTHING = PriceHistory({}, {})
EXACT = Band(Decimal(0), Decimal(0))


def stock(symbol: str, amount: object, shares: object = None) -> Holding:
    """A large American company's stock."""
    return _holding(symbol, amount, shares, AssetType.STOCK, Category.US_LARGE_CAP, Sector.FINANCIALS)


def fund(
    symbol: str, amount: object, shares: object = None, category: Category | None = Category.US_LARGE_CAP
) -> Holding:
    """A broad fund of American equity, or of the category."""
    return _holding(symbol, amount, shares, AssetType.ETF, category, Sector.DIVERSIFIED)


def bonds(symbol: str, amount: object, shares: object = None) -> Holding:
    """A fund of government bonds."""
    return _holding(symbol, amount, shares, AssetType.ETF, Category.GOVERNMENT_BONDS, Sector.BONDS)


def bills(symbol: str, amount: object, shares: object = None) -> Holding:
    """A fund of Treasury bills: a cash equivalent that is bought and sold."""
    return _holding(symbol, amount, shares, AssetType.ETF, Category.CASH_EQUIVALENTS, Sector.BONDS)


def money(amount: object, symbol: str = "CASH") -> Holding:
    """Money itself."""
    return _holding(symbol, amount, None, AssetType.CASH, Category.CASH_EQUIVALENTS, Sector.DIVERSIFIED)


def unknown(symbol: str, amount: object, shares: object = None) -> Holding:
    """A fund of which no class is known."""
    return _holding(symbol, amount, shares, AssetType.MUTUAL_FUND, None, Sector.DIVERSIFIED)


def _holding(
    symbol: str, amount: object, shares: object, kind: AssetType, category: Category | None, sector: Sector
) -> Holding:
    return Holding(
        symbol=symbol,
        name=f"{symbol} Fund" if kind is AssetType.ETF else symbol,
        type=kind,
        category=category,
        sector=sector,
        region=Region.US,
        allocation=Decimal(0),
        amount=Decimal(str(amount)).quantize(Decimal("0.01")),
        shares=None if shares is None else Decimal(str(shares)),
    )


def percent(**weights: int) -> dict[str, Fraction]:
    """Weights in percent as fractions."""
    return {symbol: Fraction(weight, 100) for symbol, weight in weights.items()}


def stated(*holdings: Holding, prices: Mapping[str, SharePrice] | None = None) -> Valuation:
    """Holdings as their owner states them."""
    valuation = value(holdings, NOTHING, currency="USD", stated_on=TODAY, today=TODAY)
    return replace(valuation, prices={**valuation.prices, **(prices or {})})


def plan_for(
    holdings: Sequence[Holding], weights: Mapping[str, Fraction] | Targets, **options: object
) -> Plan:
    """The plan for weights by key, to the cent of the target unless a band is given."""
    targets = weights if isinstance(weights, Targets) else targets_by_key(weights, holdings)
    chosen = Options(**{"band": EXACT, **options})  # type: ignore[arg-type]
    return make_plan(stated(*holdings), targets, chosen)


def trades(plan: Plan) -> dict[str, Decimal]:
    """Amounts by symbol, negative for sales."""
    return {plan.stakes[trade.stake].symbol: Decimal(trade.cents) / 100 for trade in plan.trades}


def after(plan: Plan) -> dict[str, Decimal]:
    """Amounts by symbol once the plan is carried out, without uninvested cash."""
    return {
        stake.symbol: Decimal(cents) / 100 for stake, cents in zip(plan.stakes, plan.cents_after, strict=True)
    }


def series(symbol: str, prices: Sequence[float], last: date = TODAY, close: object = None) -> PriceSeries:
    """Prices on the last calendar days up to `last`."""
    end = np.datetime64(last)
    return PriceSeries(
        symbol=symbol,
        days=end + np.arange(1 - len(prices), 1).astype("timedelta64[D]"),
        adjusted=np.array(prices, dtype=np.float64),
        last_close=Decimal(str(prices[-1] if close is None else close)),
        source="Test",
        version=1,
    )


@dataclass(frozen=True)
class Case:
    """One random request about one random portfolio."""

    holdings: tuple[Holding, ...]
    wanted: Mapping[str, Fraction] | Model | Method
    options: Options
    prices: Mapping[str, SharePrice]

    def targets(self, holdings: Sequence[Holding]) -> Targets:
        match self.wanted:
            case Model():
                return model_targets(self.wanted, holdings)
            case Method():
                return method_targets(self.wanted, holdings, NOTHING, self.options.most)
            case weights:
                return targets_by_key(weights, holdings)

    def plan(self, holdings: Sequence[Holding], options: Options) -> Plan:
        return make_plan(stated(*holdings, prices=self.prices), self.targets(holdings), options)


_MAKERS = (stock, stock, fund, bonds, bonds, bills, unknown)


def random_case(seed: int) -> Case:
    """Any portfolio of one to eight holdings, with any request."""
    random = Random(seed)
    holdings = [_random_holding(random, f"S{number}") for number in range(random.randint(1, 8))]
    if random.random() < 0.4:
        holdings.append(money(_random_cents(random)))
    wanted = _random_wish(random, holdings)
    if isinstance(wanted, Mapping) and "NEW" in wanted:
        holdings.append(fund("NEW", 0))
    random.shuffle(holdings)
    total = int(sum(holding.amount for holding in holdings) * 100)
    prices = {
        holding.symbol: SharePrice(Fraction(holding.amount) / Fraction(holding.shares), "holding")  # type: ignore[arg-type]
        for holding in holdings
        if holding.shares
    }
    return Case(tuple(holdings), wanted, _random_options(random, holdings, total), prices)


def _random_cents(random: Random) -> Decimal:
    most = random.choice([10 ** random.randint(2, 9), 10**6])
    return Decimal(random.randint(1, most)) / 100


def _random_holding(random: Random, symbol: str) -> Holding:
    shares = None
    if random.random() < 0.7:
        shares = Decimal(random.randint(1, 10 ** random.randint(1, 4)))
        if random.random() < 0.3:
            shares += Decimal(random.randint(1, 999_999)) / 1_000_000
    return random.choice(_MAKERS)(symbol, _random_cents(random), shares)


def _random_wish(random: Random, holdings: Sequence[Holding]) -> Mapping[str, Fraction] | Model | Method:
    kind = random.random()
    if kind < 0.2:
        return random.choice(list(Model))
    if kind < 0.3:
        return Method.EQUAL_WEIGHT
    keys = [holding.symbol for holding in holdings]
    if kind < 0.6:
        keys = ["class:equity", "class:fixed_income", "class:cash", *random.sample(keys, min(len(keys), 2))]
    elif kind < 0.7:
        keys.append("NEW")
    chosen = random.sample(keys, random.randint(1, len(keys)))
    weights = [random.randint(0, 100) for _ in chosen]
    weights[0] += 1
    whole = sum(weights)
    return {key: Fraction(weight, whole) for key, weight in zip(chosen, weights, strict=True)}


def _random_options(random: Random, holdings: Sequence[Holding], total: int) -> Options:
    flow = random.choice(
        [0, 0, random.randint(0, total), random.randint(0, total // 50), -random.randint(0, total)]
    )
    never_sell = [holding.symbol for holding in holdings if random.random() < 0.1]
    return Options(
        cash_flow=flow,
        mode=random.choice([Mode.FULL, Mode.FULL, Mode.BUY_ONLY, Mode.SELL_ONLY]),
        fractional=random.random() < 0.5,
        least=random.choice([0, 100, random.randint(1, 10**5), total // 4]),
        band=random.choice(
            [
                DEFAULT_BAND,
                EXACT,
                Band(Decimal(5), None),
                Band(Decimal(random.randint(0, 20)), Decimal(random.randint(0, 100))),
            ]
        ),
        most=random.choice([None, None, Decimal(random.randint(5, 100))]),
        never_sell=frozenset(never_sell) if random.random() < 0.4 else frozenset(),
    )
