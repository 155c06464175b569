"""What holds for every comparison."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from foliolens.comparison.overlap import jaccard, overlap
from foliolens.comparison.schemas import Comparison
from foliolens.holdings.models import Holding
from foliolens.ports.prices import PriceHistory
from tests.unit.comparison.cases import compared
from tests.unit.risk.cases import amounts, cash, holding
from tests.unit.risk.market.series import INDEX, history, prices_of, walk

_SYMBOLS = [f"S{n}" for n in range(6)]

weights = st.dictionaries(st.sampled_from(_SYMBOLS), st.integers(1, 1000), min_size=1).map(
    lambda parts: {symbol: part / sum(parts.values()) for symbol, part in parts.items()}
)
few = settings(deadline=None, max_examples=40)


def _holdings() -> st.SearchStrategy[list[Holding]]:
    held = st.dictionaries(st.sampled_from(_SYMBOLS), amounts, min_size=1).map(
        lambda parts: [holding(symbol, amount) for symbol, amount in parts.items()]
    )
    return st.tuples(held, st.none() | amounts).map(
        lambda parts: parts[0] if parts[1] is None else [*parts[0], cash(parts[1])]
    )


@st.composite
def comparisons(draw: st.DrawFn) -> tuple[dict[str, list[Holding]], PriceHistory]:
    """Two to four portfolios of the same six symbols, most of which have prices."""
    portfolios = {key: draw(_holdings()) for key in "wxyz"[: draw(st.integers(2, 4))]}
    seed = draw(st.integers(0, 1000))
    priced = draw(st.sets(st.sampled_from(_SYMBOLS)))
    series = [walk(symbol, 90, seed=seed) for symbol in sorted(priced)]
    missing = dict.fromkeys(set(_SYMBOLS) - priced, "PENDING")
    return portfolios, history(*series, walk(INDEX, 90, seed=seed), missing=missing)


def numbers(of: Comparison) -> object:
    """Everything said, without the order of portfolios, numbers rounded."""
    written = of.model_dump(mode="json")
    ids = [portfolio["id"] for portfolio in written["portfolios"]]
    by_id = {
        "portfolios": {each["id"]: each for each in written["portfolios"]},
        "lines": {each["id"]: each for each in written["performance"]["portfolios"]},
        "pairs": {frozenset((each.pop("first"), each.pop("second"))): each for each in written["pairs"]},
        "best": {each["metric"]: [sorted(each["portfolioIds"]), each["value"]] for each in written["best"]},
        "holdings": {
            each["symbol"]: dict(zip(ids, each["weights"], strict=True)) for each in written["holdings"]
        },
        "period": written["period"],
    }
    return _rounded(by_id)


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return float(f"{value:.9g}") if abs(value) > 1e-9 else 0.0
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list) else value


@given(weights, weights)
def test_overlap_and_jaccard_are_symmetric_and_between_0_and_1(
    first: dict[str, float], second: dict[str, float]
) -> None:
    for alike in (overlap, jaccard):
        assert alike(first, second) == alike(second, first)
        assert 0 <= alike(first, second) <= 1
        assert alike(first, first) == pytest.approx(1)
    assert (overlap(first, second) > 0) == (jaccard(first, second) > 0)


@given(weights, weights)
def test_overlap_is_what_the_distance_of_the_weights_leaves(
    first: dict[str, float], second: dict[str, float]
) -> None:
    """Σ min(w1, w2) = 1 - ½ Σ |w1 - w2|, the total variation distance."""
    distance = sum(
        abs(Fraction(first.get(symbol, 0)) - Fraction(second.get(symbol, 0))) for symbol in _SYMBOLS
    )
    assert overlap(first, second) == pytest.approx(float(1 - distance / 2), abs=1e-12)


@few
@given(comparisons(), st.randoms())
def test_the_order_of_portfolios_and_of_their_holdings_changes_nothing(
    case: tuple[dict[str, list[Holding]], PriceHistory], random: object
) -> None:
    portfolios, prices = case
    keys = list(portfolios)
    random.shuffle(keys)  # type: ignore[attr-defined]
    mixed = {key: portfolios[key][::-1] for key in keys}
    assert numbers(compared(mixed, prices)) == numbers(compared(portfolios, prices))


@few
@given(comparisons(), st.data())
def test_splitting_a_holding_changes_nothing(
    case: tuple[dict[str, list[Holding]], PriceHistory], data: st.DataObject
) -> None:
    portfolios, prices = case
    first, *rest = portfolios["w"]
    part = data.draw(st.integers(0, int(first.amount * 100))) * Decimal("0.01")
    split = [replace(first, amount=part), *rest, replace(first, amount=first.amount - part)]
    assert compared({**portfolios, "w": split}, prices) == compared(portfolios, prices)


@few
@given(comparisons())
def test_only_shares_matter_never_amounts_nor_the_unit_of_prices(
    case: tuple[dict[str, list[Holding]], PriceHistory],
) -> None:
    portfolios, prices = case
    larger = {**portfolios, "w": [replace(row, amount=row.amount * 8) for row in portfolios["w"]]}
    cheaper = history(
        *(prices_of(each.symbol, each.adjusted * 0.25, each.days) for each in prices.series.values()),
        missing=prices.missing,
    )
    assert compared(larger, prices) == compared(portfolios, prices)
    assert numbers(compared(portfolios, cheaper)) == numbers(compared(portfolios, prices))


@few
@given(comparisons())
def test_a_portfolio_beside_itself_is_the_least_diversifying_there_is(
    case: tuple[dict[str, list[Holding]], PriceHistory],
) -> None:
    portfolios, prices = case
    found = compared({"v": portfolios["w"], **portfolios}, prices)
    twin = next(each for each in found.pairs if (each.first, each.second) == ("v", "w"))

    assert twin.overlap == pytest.approx(1)
    assert twin.jaccard == 1
    assert twin.correlation.value is None or twin.correlation.value == pytest.approx(1)
    least = found.least_diversifying
    assert least is not None
    if twin.correlation.value is None and least.by == "correlation":
        assert "of the pairs whose correlation is known" in least.explanation
    else:
        assert least.value == pytest.approx(1)
    assert np.isfinite([each.overlap for each in found.pairs]).all()
