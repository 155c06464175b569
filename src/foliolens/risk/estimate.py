"""The score of a portfolio by long-run figures: what is kept with it from the moment it is written.

Without prices, so nothing is worth waiting for, and without the report's models, so it is cheap to import.
"""

from collections.abc import Sequence

from msgspec import Struct

from foliolens.holdings.models import Holding
from foliolens.risk.components import components_of, overall_score
from foliolens.risk.measures import measure
from foliolens.risk.positions import positions_of

__all__ = ["Estimate", "estimate"]


class Estimate(Struct, frozen=True):
    """What a report without prices says, in short.

    Attributes:
        score: The overall risk score, 1.0 to 10.0.
        diversification: 1 all in one place, 10 evenly over all; None where nothing is classified.
    """

    score: float
    diversification: float | None


def estimate(holdings: Sequence[Holding]) -> Estimate:
    """Score holdings as their report without prices does.

    Raises:
        ValueError: No holding has value, or an amount is negative.
    """
    measures = measure(positions_of(holdings))
    return Estimate(overall_score(components_of(measures)), measures.spread)
