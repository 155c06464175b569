"""The estimate that is kept with a portfolio says what its report without prices says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from foliolens.holdings.models import Holding
from foliolens.risk.estimate import estimate
from tests.unit.risk.cases import holding, portfolios, report


@settings(deadline=None)
@given(portfolios())
def test_an_estimate_agrees_with_the_report_without_prices(rows: list[Holding]) -> None:
    full = report(*rows)

    estimated = estimate(rows)

    assert estimated.score == full.overall_risk_score
    assert estimated.diversification == full.diversification.composite


def test_nothing_of_value_has_no_estimate() -> None:
    with pytest.raises(ValueError, match="No holding has a value"):
        estimate([holding("AAPL", 0)])
