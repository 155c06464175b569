"""The conventions behind every figure from prices."""

from typing import Final, Literal

from msgspec import Struct

__all__ = [
    "ENOUGH_PRICES",
    "LEAST_DAYS",
    "LOOKBACK_DAYS",
    "METHOD",
    "STILL",
    "TAILS",
    "TRADING_DAYS",
    "Conventions",
    "ExclusionReason",
    "daily_rate",
]

TRADING_DAYS: Final = 252
"""Trading days a year."""

LEAST_DAYS: Final = 60
"""Common days with prices below which nothing is measured; they make one return less."""

ENOUGH_PRICES: Final = 0.80
"""Share of the value that prices must cover for measured volatility to replace the long-run figures."""

LOOKBACK_DAYS: Final = 1826
"""Calendar days that figures look back where nobody says how far: five years."""

TAILS: Final = (0.05, 0.01)
"""The worst shares of days that 95% and 99% losses are about."""

STILL: Final = 1e-12
"""A daily standard deviation below this is rounding: the price does not move."""

ExclusionReason = Literal["SHORT_HISTORY", "IMPLAUSIBLE", "ENDED", "GAPS"]
"""Why prices that are there are not used; the rules are in `alignment`."""

METHOD: Final = (
    "Figures from prices rest on daily simple returns of adjusted closes, each in its own currency, on the "
    "days that all covered holdings have, at most five years back. They assume today's weights, restored "
    "every day; cash earns nothing; what is covered stands for the whole.",
    "A year has 252 days; standard deviations are those of a sample; one-day losses are quantiles of past "
    "returns (linear interpolation) and means of the worst days.",
    "Prices are left out where there are fewer than 60 days, where they end long before the others', where "
    "too many days have none, and where a small holding's history is less than half of the others'.",
)
"""The conventions in plain words."""


class Conventions(Struct, frozen=True):
    """What the owner of an installation may choose.

    Attributes:
        benchmark: Symbol that beta and correlation refer to unless the request names another.
        risk_free_rate: What money earns without risk, a year, as a fraction.
    """

    benchmark: str = "SPY"
    risk_free_rate: float = 0.0


def daily_rate(annual: float) -> float:
    """The daily rate that compounds to an annual one over 252 days."""
    return float((1.0 + annual) ** (1.0 / TRADING_DAYS)) - 1.0
