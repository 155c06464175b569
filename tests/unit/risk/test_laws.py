"""What holds for every portfolio, whatever it is made of."""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from foliolens.holdings.models import Holding
from foliolens.reference.taxonomy import AssetType
from foliolens.risk.models import RiskReport
from foliolens.risk.positions import positions_of
from tests.unit.risk.cases import amounts, cash, component, portfolios, report

_CENT = Decimal("0.01")
_NOISE = 1e-9

any_portfolio = settings(deadline=None)


def score(of: RiskReport, name: str) -> float:
    value = component(of, name).score
    assert value is not None
    return value


@st.composite
def transfers(draw: st.DrawFn) -> tuple[list[Holding], list[Holding]]:
    """A portfolio before and after money moves from the larger to the smaller of two alike holdings.

    Alike is of one class and looked through to equally many constituents. The larger one may become the
    smaller, but not smaller than the other was.
    """
    rest = draw(portfolios())
    model = draw(st.sampled_from(rest))
    small, large = sorted((draw(amounts), draw(amounts)))
    cents = draw(st.integers(0, int((large - small) / _CENT)))
    pair = [replace(model, symbol="ZZSMALL", amount=small), replace(model, symbol="ZZLARGE", amount=large)]
    moved = [replace(pair[0], amount=small + cents * _CENT), replace(pair[1], amount=large - cents * _CENT)]
    return rest + pair, rest + moved


@any_portfolio
@given(transfers())
def test_moving_money_from_a_larger_to_a_smaller_alike_holding_never_raises_concentration(
    case: tuple[list[Holding], list[Holding]],
) -> None:
    before, after = (report(*rows) for rows in case)
    assert score(after, "concentration") <= score(before, "concentration") + _NOISE


@any_portfolio
@given(portfolios(), st.data())
def test_replacing_any_part_of_any_holding_with_cash_never_raises_volatility(
    rows: list[Holding], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(rows) - 1))
    cents = data.draw(st.integers(1, int(rows[index].amount / _CENT)))
    less = replace(rows[index], amount=rows[index].amount - cents * _CENT)
    after = [*rows[:index], less, *rows[index + 1 :], cash(cents * _CENT)]
    assert score(report(*after), "volatility") <= score(report(*rows), "volatility") + _NOISE


@any_portfolio
@given(portfolios(), st.data())
def test_splitting_a_holding_into_rows_of_its_symbol_changes_nothing(
    rows: list[Holding], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(rows) - 1))
    cents = data.draw(st.integers(0, int(rows[index].amount / _CENT)))
    one = replace(rows[index], amount=cents * _CENT)
    other = replace(rows[index], amount=rows[index].amount - one.amount)
    assert report(*rows[:index], one, *rows[index + 1 :], other) == report(*rows)


@any_portfolio
@given(portfolios().flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))))
def test_the_order_of_holdings_changes_nothing(case: tuple[list[Holding], list[Holding]]) -> None:
    rows, permuted = case
    assert report(*permuted) == report(*rows)


@any_portfolio
@given(portfolios())
def test_only_shares_matter_never_amounts(rows: list[Holding]) -> None:
    assert report(*(replace(row, amount=row.amount * 4) for row in rows)) == report(*rows)


@any_portfolio
@given(portfolios())
def test_every_breakdown_accounts_for_the_whole_value(rows: list[Holding]) -> None:
    breakdowns = report(*rows).breakdowns
    for slices in (breakdowns.sector, breakdowns.region, breakdowns.asset_class, breakdowns.category):
        assert sum(one.share for one in slices) == pytest.approx(1)
        assert all(left.share >= right.share for left, right in pairwise(slices))
        assert len({one.key for one in slices}) == len(slices)


@any_portfolio
@given(portfolios())
def test_coverage_is_what_the_unknown_slice_leaves(rows: list[Holding]) -> None:
    result = report(*rows)
    for covered, slices in (
        (result.coverage.sector, result.breakdowns.sector),
        (result.coverage.region, result.breakdowns.region),
        (result.coverage.asset_type, result.breakdowns.asset_class),
        (result.coverage.category, result.breakdowns.category),
    ):
        unknown = sum(one.share for one in slices if one.key == "unknown")
        assert covered.share == pytest.approx(1 - unknown)
        assert bool(covered.unclassified) == bool(unknown)


@any_portfolio
@given(portfolios())
def test_contributions_add_up_to_the_score(rows: list[Holding]) -> None:
    result = report(*rows)
    assert 1.0 <= result.overall_risk_score <= 10.0
    assert sum(one.weight for one in result.components) == pytest.approx(1)
    assert result.overall_risk_score == round(sum(one.contribution for one in result.components), 1)
    for one in result.components:
        if one.score is None:
            assert (one.value, one.band, one.weight, one.contribution) == (None, None, 0, 0)
        else:
            assert 1 <= one.score <= 10
            assert one.contribution == pytest.approx(one.weight * one.score)


@any_portfolio
@given(portfolios())
def test_more_of_the_largest_holdings_is_never_a_smaller_share(rows: list[Holding]) -> None:
    top = report(*rows).top_holdings
    assert 0 < top.top1 <= top.top3 <= top.top5 <= top.top10 <= 1


@any_portfolio
@given(portfolios())
def test_metrics_agree_with_exact_arithmetic(rows: list[Holding]) -> None:
    total = sum((Fraction(row.amount) for row in rows), Fraction())
    weights = {row.symbol: Fraction(row.amount) / total for row in rows}
    result = report(*rows)

    plain = sum(weight**2 for weight in weights.values())
    constituents = {one.symbol: one.constituents for one in positions_of(rows)}
    looked_through = sum(weight**2 / constituents[symbol] for symbol, weight in weights.items())
    money = sum((weights[row.symbol] for row in rows if row.type is AssetType.CASH), Fraction())
    shown = sum(one.share for one in result.breakdowns.asset_class if one.key == "cash")

    assert result.hhi.value == pytest.approx(float(plain), rel=1e-12)
    assert result.hhi_look_through.value == pytest.approx(float(looked_through), rel=1e-12)
    assert result.effective_holdings.value == pytest.approx(float(1 / plain), rel=1e-12)
    assert result.top_holdings.top1 == pytest.approx(float(max(weights.values())), rel=1e-12)
    assert shown >= float(money) - _NOISE
