"""What a plan does to every metric of the risk report."""

from collections.abc import Iterator
from typing import NamedTuple

from pydantic import BaseModel

from foliolens.risk.market.models import Figure, MarketMetrics
from foliolens.risk.models import Metric, RiskReport

__all__ = ["MetricChange", "comparable_prices", "metric_changes"]

_DECIMALS = 12  # beyond them is the noise of sums in binary
_NO_METRICS = frozenset(
    {"components", "warnings", "coverage", "breakdowns", "holdings_count", "prices", "risk_free_rate"}
)
_FROM_PRICES = "market."


class MetricChange(NamedTuple):
    """One metric before and after; None where it does not apply.

    Attributes:
        metric: Its place in the report as JSON, `topHoldings.1`.
        change: The difference; None also where the two rest on prices of different days.
    """

    metric: str
    before: float | None
    after: float | None
    change: float | None


def metric_changes(before: RiskReport, after: RiskReport) -> list[MetricChange]:
    """Compare two reports, metric by metric, in the order of the report."""
    earlier, later = dict(_metrics(before)), dict(_metrics(after))
    names = [*earlier, *(name for name in later if name not in earlier)]
    same_days = comparable_prices(before, after)
    changes = []
    for name in names:
        first, second = earlier.get(name), later.get(name)
        change = None
        if first is not None and second is not None and (same_days or not name.startswith(_FROM_PRICES)):
            change = round(second - first, _DECIMALS)
        changes.append(MetricChange(name, first, second, change))
    return changes


def comparable_prices(before: RiskReport, after: RiskReport) -> bool:
    """Tell whether the figures from prices of two reports, where both have some, are of the same days."""
    mine, other = before.market.prices, after.market.prices
    if not mine.days or not other.days:
        return True
    return (mine.first_day, mine.last_day, mine.days) == (other.first_day, other.last_day, other.days)


def _metrics(model: BaseModel, path: str = "") -> Iterator[tuple[str, float | None]]:
    """Name every number of a report that is a metric, however deep it is."""
    for field, info in type(model).model_fields.items():
        if field in _NO_METRICS:
            continue
        value, name = getattr(model, field), path + (info.alias or field)
        if isinstance(value, MarketMetrics) and value.reason is not None:
            continue  # without prices there is nothing to compare
        if isinstance(value, Metric | Figure):
            yield name, value.value
            yield from (
                (key, number) for key, number in _metrics(value, f"{name}.") if key != f"{name}.value"
            )
        elif isinstance(value, BaseModel):
            yield from _metrics(value, f"{name}.")
        elif isinstance(value, float):
            yield name, value
