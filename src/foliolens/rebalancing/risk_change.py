"""What a plan does to every metric of the risk report."""

from collections.abc import Iterator
from typing import NamedTuple

from pydantic import BaseModel

from foliolens.risk.market.models import Figure, MarketMetrics
from foliolens.risk.models import Metric, RiskReport

__all__ = ["MetricChange", "metric_changes"]

_DECIMALS = 12  # beyond them is the noise of sums in binary
_NO_METRICS = frozenset(
    {"components", "warnings", "coverage", "breakdowns", "holdings_count", "prices", "risk_free_rate"}
)


class MetricChange(NamedTuple):
    """One metric before and after; None where it does not apply.

    Attributes:
        metric: Its place in the report as JSON, `topHoldings.1`.
    """

    metric: str
    before: float | None
    after: float | None

    @property
    def change(self) -> float | None:
        """The difference, where both are known."""
        if self.before is None or self.after is None:
            return None
        return round(self.after - self.before, _DECIMALS)


def metric_changes(before: RiskReport, after: RiskReport) -> list[MetricChange]:
    """Compare two reports, metric by metric, in the order of the report."""
    later = dict(_metrics(after))
    earlier = dict(_metrics(before))
    names = [*earlier, *(name for name in later if name not in earlier)]
    return [MetricChange(name, earlier.get(name), later.get(name)) for name in names]


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
