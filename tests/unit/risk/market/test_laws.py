"""What holds for every portfolio whose holdings have prices, whatever they are."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from foliolens.holdings.models import Holding
from foliolens.ports.prices import PriceHistory, PriceSeries
from foliolens.risk.market.metrics import Measurement
from foliolens.risk.market.models import Figure
from foliolens.risk.models import RiskReport
from tests.unit.risk.cases import amounts, cash, component, holding, report
from tests.unit.risk.market.series import history, measured, prices_of, weekdays

_CENT = Decimal("0.01")
_NOISE = 1e-9
_DAYS = weekdays(90)

any_market = settings(deadline=None, max_examples=60)


@st.composite
def markets(draw: st.DrawFn) -> tuple[list[Holding], PriceHistory]:
    """One to six holdings with 90 days of prices that share a few drivers, so that some hedge others."""
    count = draw(st.integers(1, 6))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    drivers = random.normal(0, 0.01, (90, 2))
    returns = drivers @ random.normal(0, 1, (2, count)) + random.normal(0, 0.002, (90, count))
    series = [
        prices_of(f"S{n}", 100 * np.cumprod(1 + np.clip(returns[:, n], -0.5, 0.5)), _DAYS)
        for n in range(count)
    ]
    held = [holding(each.symbol, draw(amounts)) for each in series]
    if draw(st.booleans()):
        held.append(cash(draw(amounts)))
    return held, history(*series)


def volatility_score(of: RiskReport) -> float:
    score = component(of, "volatility").score
    assert score is not None
    return score


def known(figure: Figure) -> float:
    assert figure.value is not None, figure.reason
    return figure.value


def figures(of: Measurement) -> dict[str, object]:
    """Everything measured, numbers rounded, so that only the order of additions may differ."""
    written = of.metrics.model_dump(mode="json")
    return {"scored": round(of.scored_volatility or 0, 12), **_rounded(written)}


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return float(f"{value:.9g}") if abs(value) > _NOISE else 0.0
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list) else value


@any_market
@given(markets())
def test_risk_contributions_add_up_to_the_volatility(market: tuple[list[Holding], PriceHistory]) -> None:
    found = measured(*market).metrics
    whole = known(found.volatility)
    assert sum(each.contribution for each in found.risk_contributions) == pytest.approx(whole)
    assert sum(each.share for each in found.risk_contributions) == pytest.approx(1)
    assert sum(each.weight for each in found.risk_contributions) == pytest.approx(1)


@any_market
@given(markets())
def test_figures_keep_to_their_bounds(market: tuple[list[Holding], PriceHistory]) -> None:
    measurement = measured(*market)
    found = measurement.metrics
    losses = found.value_at_risk95, found.value_at_risk99
    means = found.conditional_value_at_risk95, found.conditional_value_at_risk99
    assert known(found.diversification_ratio) >= 1 - _NOISE
    assert -1 <= known(found.max_drawdown) <= 0
    assert known(losses[0]) <= known(losses[1])
    assert all(known(mean) >= known(loss) for mean, loss in zip(means, losses, strict=True))
    assert (measurement.scored_volatility or 0) >= known(found.volatility) - _NOISE
    matrix = np.array(found.correlations.matrix)
    assert (matrix == matrix.T).all()
    assert (np.diagonal(matrix) == 1).all()
    assert (np.abs(matrix) <= 1).all()


@any_market
@given(markets(), st.data())
def test_replacing_any_part_of_any_holding_with_cash_never_raises_the_volatility_score(
    market: tuple[list[Holding], PriceHistory], data: st.DataObject
) -> None:
    rows, prices = market
    index = data.draw(st.integers(0, len(rows) - 1))
    cents = data.draw(st.integers(1, int(rows[index].amount / _CENT)))
    less = replace(rows[index], amount=rows[index].amount - cents * _CENT)
    after = [*rows[:index], less, *rows[index + 1 :], cash(cents * _CENT, "ZZMORE")]

    before_score = volatility_score(report(*rows, history=prices))
    assert volatility_score(report(*after, history=prices)) <= before_score + _NOISE


@any_market
@given(markets(), st.data())
def test_splitting_a_holding_into_rows_of_its_symbol_changes_nothing(
    market: tuple[list[Holding], PriceHistory], data: st.DataObject
) -> None:
    rows, prices = market
    index = data.draw(st.integers(0, len(rows) - 1))
    cents = data.draw(st.integers(0, int(rows[index].amount / _CENT)))
    one = replace(rows[index], amount=cents * _CENT)
    other = replace(rows[index], amount=rows[index].amount - one.amount)
    split = [*rows[:index], one, *rows[index + 1 :], other]
    assert report(*split, history=prices) == report(*rows, history=prices)


@any_market
@given(markets().flatmap(lambda market: st.tuples(st.just(market), st.permutations(market[0]))))
def test_the_order_of_holdings_changes_nothing(
    case: tuple[tuple[list[Holding], PriceHistory], list[Holding]],
) -> None:
    (rows, prices), permuted = case
    assert report(*permuted, history=prices) == report(*rows, history=prices)


@any_market
@given(markets())
def test_only_shares_matter_never_amounts(market: tuple[list[Holding], PriceHistory]) -> None:
    rows, prices = market
    larger = [replace(row, amount=row.amount * 4) for row in rows]
    assert report(*larger, history=prices) == report(*rows, history=prices)


@any_market
@given(markets(), st.floats(1e-3, 1e3))
def test_only_changes_of_prices_matter_never_their_unit(
    market: tuple[list[Holding], PriceHistory], factor: float
) -> None:
    rows, prices = market
    scaled = history(*(_times(each, factor) for each in prices.series.values()))
    assert figures(measured(rows, scaled)) == figures(measured(rows, prices))


def _times(series: PriceSeries, factor: float) -> PriceSeries:
    return prices_of(series.symbol, series.adjusted * factor, series.days)
