"""One sentence per component of the score: what drives it, and what would lower it."""

from collections.abc import Callable, Iterable
from typing import Final

from foliolens.reference.taxonomy import AssetType
from foliolens.reference.wording import plain
from foliolens.risk.asset_classes import AssetClass
from foliolens.risk.credit import is_low_credit
from foliolens.risk.geography import GLOBAL_FUND, HOME, has_region, home_value
from foliolens.risk.liquidity import trades_daily
from foliolens.risk.market.models import MarketMetrics
from foliolens.risk.measures import Measures
from foliolens.risk.positions import Position
from foliolens.risk.volatility import CASH, long_run_volatility
from foliolens.risk.wording import opening, percent

__all__ = ["concentration_driver", "explain"]

_WEIGHT_GIVEN_AWAY = "so this is not scored and its weight goes to the rest"


def explain(component: str, measures: Measures, market: MarketMetrics) -> str:
    """Explain a component of the score, by its name."""
    if component == "volatility" and measures.measured:
        return _explain_measured(measures, market)
    return _EXPLANATIONS[component](measures)


def concentration_driver(measures: Measures) -> Position:
    """Return the position that adds most to the look-through concentration, the first of equal ones."""
    return max(measures.positions, key=_concentration_added)


def _explain_volatility(measures: Measures) -> str:
    """Name the holding that adds most to the long-run volatility."""
    level = percent(measures.volatility)
    driver = _largest(measures.positions, lambda p: 0 if p.is_cash else p.weight * long_run_volatility(p))
    if driver is None:
        return f"Everything is cash, which fluctuates by about {level} a year; nothing would lower it."
    refuge = "cash" if driver.asset_class is AssetClass.FIXED_INCOME else "bonds or cash"
    return (
        f"Long-run figures put the volatility at {level} a year before diversification, and {driver.symbol} "
        f"adds most to it ({percent(driver.weight)} of the value, {_kind(driver)} at "
        f"{percent(long_run_volatility(driver))} a year); moving part of it into {refuge} would lower it."
    )


def _explain_measured(measures: Measures, market: MarketMetrics) -> str:
    """Say where the measured volatility is from."""
    counted = percent(measures.volatility)
    level = percent(market.volatility.value or 0.0)
    if counted == level:
        scored = ""
    elif measures.volatility > CASH:
        scored = f", which counts as {counted} because holdings that offset each other may stop doing so"
    else:
        scored = f", which counts as {counted}, that of cash"
    main = market.risk_contributions[0] if market.risk_contributions else None
    driver = "" if main is None else f"; {main.symbol} contributes most, {percent(main.share)} of it"
    return (
        f"Prices of {percent(market.prices.coverage)} of the value measure a volatility of {level} a year"
        f"{scored}{driver}; a larger share of cash would lower it."
    )


def _explain_concentration(measures: Measures) -> str:
    """Name the holding that adds most to the look-through concentration."""
    driver = concentration_driver(measures)
    share = percent(driver.weight)
    part = percent(min(1.0, _concentration_added(driver) / measures.hhi_look_through))
    if driver.is_cash:
        return (
            f"No single company or issuer weighs on the portfolio, whose largest block is cash "
            f"({driver.symbol}, {share} of the value); there is little to lower."
        )
    if driver.constituents > 1:
        return (
            f"{driver.symbol} is {share} of the value and makes up {part} of the concentration, though it is "
            f"itself spread like {driver.constituents} equal issuers; a broader fund or more holdings would "
            "lower it."
        )
    return (
        f"{driver.symbol} alone is {share} of the value and makes up {part} of the concentration; moving "
        "part of it into smaller holdings or a broad fund would lower it."
    )


def _explain_sector(measures: Measures) -> str:
    """Name the largest sector and its largest holding."""
    exposure = measures.sectors
    if exposure is None:
        if any(position.is_equity for position in measures.positions):
            return f"None of the equity has a known sector, {_WEIGHT_GIVEN_AWAY}."
        if measures.by_class.unclassified:
            return f"No holding is known to be equity, {_WEIGHT_GIVEN_AWAY}."
        return f"There is no equity that could lean on one sector, {_WEIGHT_GIVEN_AWAY}."
    sector = exposure.largest
    if sector is None:
        return "All equity of known sector is in funds that lean on no sector; nothing would lower it."
    return (
        f"{opening(plain(sector))} makes up {percent(exposure.largest_share)} of the equity of known sector"
        f"{_led_by(measures, lambda p: p.weight if p.is_equity and p.sector is sector else 0)}; "
        "moving part of it into other sectors or a broad fund would lower it."
    )


def _explain_geography(measures: Measures) -> str:
    """Name the home share and the holding that adds most to it."""
    exposure = measures.regions
    if exposure is None:
        if any(has_region(position) for position in measures.positions):
            return f"No holding has a known region, {_WEIGHT_GIVEN_AWAY}."
        return f"Cash and commodities have no home region, {_WEIGHT_GIVEN_AWAY}."
    if not exposure.home_share:
        return "Nothing of known region is in the United States, so there is no home bias to lower."
    looked_through = f" (global funds count {percent(GLOBAL_FUND[HOME])})" if _holds_global(measures) else ""
    return (
        f"The United States makes up {percent(exposure.home_share)} of the value of known region"
        f"{looked_through}{_led_by(measures, lambda p: home_value(p) if has_region(p) else 0)}; "
        "moving part of it into international funds would lower it."
    )


def _explain_liquidity(measures: Measures) -> str:
    """Name the largest holding that does not trade daily."""
    if not measures.illiquid:
        return "Everything held trades or is priced every trading day; nothing would lower it."
    return (
        f"{percent(measures.illiquid)} of the value does not trade daily"
        f"{_led_by(measures, lambda p: 0 if trades_daily(p) else p.weight)}; "
        "replacing part of it by a fund that is priced daily would lower it."
    )


def _explain_credit(measures: Measures) -> str:
    """Name the largest holding below investment grade or unrated."""
    if measures.low_credit is None:
        if any(position.asset_class is AssetClass.FIXED_INCOME for position in measures.positions):
            return f"The credit quality of the bond funds is not known, {_WEIGHT_GIVEN_AWAY}."
        if measures.by_class.unclassified:
            return f"No holding is known to be fixed income, {_WEIGHT_GIVEN_AWAY}."
        return f"There is no fixed income, {_WEIGHT_GIVEN_AWAY}."
    if not measures.low_credit:
        return "All fixed income is in categories of investment grade; nothing would lower it."
    return (
        f"{percent(measures.low_credit)} of the fixed income is below investment grade or unrated"
        f"{_led_by(measures, lambda p: p.weight if is_low_credit(p) else 0)}; "
        "moving part of it into government or investment-grade bonds would lower it."
    )


_EXPLANATIONS: Final[dict[str, Callable[[Measures], str]]] = {
    "volatility": _explain_volatility,
    "concentration": _explain_concentration,
    "sector": _explain_sector,
    "geography": _explain_geography,
    "liquidity": _explain_liquidity,
    "credit": _explain_credit,
}


def _largest(positions: Iterable[Position], amount: Callable[[Position], float]) -> Position | None:
    """Return the position with the largest positive amount, the first of equal ones."""
    best, most = None, 0.0
    for position in positions:
        value = amount(position)
        if value > most:
            best, most = position, value
    return best


def _led_by(measures: Measures, amount: Callable[[Position], float]) -> str:
    driver = _largest(measures.positions, amount)
    return (
        ""
        if driver is None
        else f", led by {driver.symbol} ({percent(driver.weight)} of the whole portfolio)"
    )


def _concentration_added(position: Position) -> float:
    return position.weight**2 / position.constituents


def _holds_global(measures: Measures) -> bool:
    return any(key == "global" for key, _ in measures.by_region.shares)


def _kind(position: Position) -> str:
    if position.is_equity and not position.is_fund:
        return "a single REIT" if position.type is AssetType.REIT else "a single stock"
    if position.category is None:
        return "taken, for want of a category,"
    return plain(position.category)
