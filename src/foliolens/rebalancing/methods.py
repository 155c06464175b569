"""Targets that follow from the holdings themselves: equal weights, least variance, equal risk.

They are for what is held beside cash; cash and its equivalents are money to be invested.
"""

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

from foliolens.errors import FieldProblem, Unprocessable
from foliolens.holdings.models import Holding
from foliolens.ports.prices import PriceHistory, PriceSeries
from foliolens.rebalancing.minimum_variance import NotConverged, minimum_variance
from foliolens.rebalancing.risk_parity import risk_parity
from foliolens.rebalancing.targets import Targets, described, targets_by_symbol
from foliolens.risk.market.basis import why_missing
from foliolens.risk.market.conventions import LEAST_DAYS, LOOKBACK_DAYS, STILL
from foliolens.risk.wording import listed, opening

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Method", "method_targets"]

_ENDED_DAYS = 30
_SCALE = 10**10


class Method(StrEnum):
    """How weights are found."""

    EQUAL_WEIGHT = "equal_weight"
    MINIMUM_VARIANCE = "minimum_variance"
    RISK_PARITY = "risk_parity"


def method_targets(
    method: Method, holdings: Sequence[Holding], history: PriceHistory, most: Decimal | None
) -> Targets:
    """Find the weights.

    Args:
        method: How.
        holdings: What is held.
        history: Stored prices; of no concern to equal weights.
        most: Largest weight of a holding in percent; None without limit.

    Raises:
        Unprocessable: Prices are missing or too few, or there are no such weights.
    """
    symbols = sorted(h.symbol for h in holdings if not described(h).is_cash)
    if not symbols:
        raise _impossible("NOTHING_HELD", "The portfolio holds nothing but cash: there is nothing to weigh.")
    limit = Fraction(1) if most is None else Fraction(most) / 100
    if len(symbols) * limit < 1:
        count = "1 holding" if len(symbols) == 1 else f"{len(symbols)} holdings"
        raise Unprocessable(
            message := f"{count} of at most {most}% each cannot make up the portfolio.",
            details=[FieldProblem(field="maxPosition", code="MAX_POSITION_TOO_SMALL", message=message)],
        )
    if method is Method.EQUAL_WEIGHT:
        return targets_by_symbol({symbol: Fraction(1, len(symbols)) for symbol in symbols}, holdings)
    weights, note = _by_risk(method, symbols, history, limit)
    return targets_by_symbol(weights, holdings, [note])


def _by_risk(
    method: Method, symbols: Sequence[str], history: PriceHistory, limit: Fraction
) -> tuple[dict[str, Fraction], str]:
    import numpy as np  # noqa: PLC0415 - costs a cold start 0.1 s

    from foliolens.risk.market.returns import plausible, simple_returns  # noqa: PLC0415 - needs numpy

    _require_prices(method, symbols, history)
    days, prices = _common_prices([history.series[symbol] for symbol in symbols])
    doubtful = [symbol for symbol, column in zip(symbols, prices.T, strict=True) if not plausible(column)]
    if doubtful:
        raise _impossible("PRICES_IMPLAUSIBLE", f"The prices of {listed(doubtful)} are not plausible.")
    returns = simple_returns(prices)
    moves = returns.std(axis=0, ddof=1) >= STILL
    still = [symbol for symbol, does in zip(symbols, moves, strict=True) if not does]
    if still:
        raise _impossible(
            "NO_VARIATION",
            f"The price of {listed(still)} did not move on the common days: it cannot be weighed by risk.",
        )
    covariance = np.atleast_2d(np.cov(returns, rowvar=False))
    try:
        if method is Method.MINIMUM_VARIANCE:
            found = minimum_variance(covariance, float(limit))
        else:
            found = risk_parity(covariance)
    except NotConverged as error:
        raise _impossible("NO_SOLUTION", str(error)) from error
    weights = _capped(_fractions(found), limit)
    note = (
        f"{_name(method)} by the daily returns of {len(returns)} days on which all holdings have prices, "
        f"{days[0]} to {days[-1]}."
    )
    if method is Method.RISK_PARITY and max(weights) == limit < 1:
        note += " What exceeds the largest position allowed went to the rest in proportion."
    return dict(zip(symbols, weights, strict=True)), note


def _require_prices(method: Method, symbols: Sequence[str], history: PriceHistory) -> None:
    missing = {symbol: history.missing[symbol] for symbol in symbols if symbol not in history.series}
    if not missing:
        return
    wait = "" if history.retry_after is None else f" Ask again in {history.retry_after} seconds."
    reasons = listed(sorted({why_missing(reason) for reason in missing.values()}))
    raise Unprocessable(
        f"{_name(method)} needs prices, and there are none of {listed(list(missing))}: {reasons}.{wait}",
        details=[
            FieldProblem(field=f"holdings.{symbol}", code=reason, message=f"{opening(why_missing(reason))}.")
            for symbol, reason in missing.items()
        ],
        headers={} if history.retry_after is None else {"Retry-After": str(history.retry_after)},
    )


def _common_prices(
    series: Sequence[PriceSeries],
) -> "tuple[NDArray[np.datetime64], NDArray[np.float64]]":
    """Return the days on which all have prices, of the last five years, and those: shape (days, holdings).

    Unlike the risk report, which leaves holdings out to look back further, a method must weigh all of them.
    """
    import numpy as np  # noqa: PLC0415

    last = max(each.days[-1] for each in series)
    ended = [each.symbol for each in series if last - each.days[-1] > np.timedelta64(_ENDED_DAYS, "D")]
    if ended:
        raise _impossible(
            "TOO_FEW_PRICES",
            f"The prices of {listed(ended)} end more than {_ENDED_DAYS} days before those of others.",
        )
    days = series[0].days
    for each in series[1:]:
        days = np.intersect1d(days, each.days, assume_unique=True)
    days = days[last - days < np.timedelta64(LOOKBACK_DAYS, "D")]
    if len(days) < LEAST_DAYS:
        raise _impossible(
            "TOO_FEW_PRICES",
            f"There are only {len(days)} days on which all holdings have prices; {LEAST_DAYS} are needed.",
        )
    return days, np.column_stack([each.adjusted[np.searchsorted(each.days, days)] for each in series])


def _fractions(weights: "NDArray[np.float64]") -> list[Fraction]:
    """Return weights exactly, to ten decimals and with the sum 1."""
    parts = [round(float(weight) * _SCALE) for weight in weights]
    return [Fraction(part, sum(parts)) for part in parts]


def _capped(weights: list[Fraction], limit: Fraction) -> list[Fraction]:
    """Cut weights to the limit and give what that frees to the others, in proportion."""
    while max(weights) > limit:
        weights = [min(weight, limit) for weight in weights]
        below = sum((weight for weight in weights if weight < limit), Fraction(0))
        room = 1 - sum((weight for weight in weights if weight == limit), Fraction(0))
        weights = [weight if weight == limit else weight * room / below for weight in weights]
    return weights


def _name(method: Method) -> str:
    return method.replace("_", " ").capitalize()


def _impossible(code: str, message: str) -> Unprocessable:
    return Unprocessable(message, details=[FieldProblem(field="targets.method", code=code, message=message)])
