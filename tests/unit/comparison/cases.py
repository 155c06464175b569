"""Portfolios to compare."""

from collections.abc import Mapping

from foliolens.comparison.report import compare
from foliolens.comparison.schemas import BestIn, ComparedPair, Comparison
from foliolens.comparison.subjects import Subject
from foliolens.holdings.models import Holding
from foliolens.ports.prices import PriceHistory
from foliolens.risk.market.conventions import LOOKBACK_DAYS, Conventions
from foliolens.risk.positions import positions_of
from tests.unit.risk.cases import AS_OF, report
from tests.unit.risk.market.series import INDEX

NOTHING = PriceHistory({}, {})


def compared(
    portfolios: Mapping[str, list[Holding]],
    history: PriceHistory = NOTHING,
    *,
    lookback: int | None = LOOKBACK_DAYS,
    risk_free: float = 0.0,
) -> Comparison:
    """Compare portfolios by their ids; their names are the ids in capitals."""
    subjects = [
        Subject(key, key.upper(), positions_of(held), report(*held, history=history))
        for key, held in portfolios.items()
    ]
    conventions = Conventions(benchmark=INDEX, risk_free_rate=risk_free)
    return compare(subjects, history, conventions, lookback=lookback, as_of=AS_OF)


def pair(of: Comparison, first: str, second: str) -> ComparedPair:
    (found,) = (each for each in of.pairs if (each.first, each.second) == (first, second))
    return found


def best(of: Comparison, metric: str) -> BestIn:
    (found,) = (each for each in of.best if each.metric == metric)
    return found
