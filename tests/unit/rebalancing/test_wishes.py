"""What a request may ask for: every problem at once, and every spelling that means the same."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from foliolens.errors import ValidationFailed
from foliolens.kit import json
from foliolens.rebalancing.methods import Method
from foliolens.rebalancing.model_portfolios import Model
from foliolens.rebalancing.models import DEFAULT_BAND, Band, Mode
from foliolens.rebalancing.schemas import RebalanceRequest
from foliolens.rebalancing.wishes import Wish, named_symbols, read_wish
from tests.unit.rebalancing.cases import bonds, money, stock

HELD = (stock("AAPL", 100), stock("BRK.B", 100), bonds("BND", 100), money(100))


def wish(targets: Mapping[str, object], priced: frozenset[str] = frozenset(), **options: object) -> Wish:
    return read_wish(request(targets, **options), HELD, priced)


def request(targets: Mapping[str, object], **options: object) -> RebalanceRequest:
    """A request as it arrives: numbers with a fraction are decimals."""
    return RebalanceRequest.model_validate(json.decode(json.encode({"targets": targets, **options})))


def problems(targets: Mapping[str, object], **options: object) -> dict[str, str]:
    with pytest.raises(ValidationFailed) as refused:
        wish(targets, **options)
    assert isinstance(refused.value.details, list)
    return {problem["field"]: problem["code"] for problem in refused.value.details}


def test_nothing_but_targets_is_needed() -> None:
    options = wish({"AAPL": 60, "BND": 40}).options

    assert (options.cash_flow, options.mode, options.fractional, options.least) == (0, Mode.FULL, False, 100)
    assert (options.band, options.most, options.never_sell) == (DEFAULT_BAND, None, frozenset())


def test_every_option_is_read() -> None:
    options = wish(
        {"model": "moderate"},
        cashFlow=-250.5,
        mode="sell_only",
        fractionalShares=True,
        minTrade=50,
        band={"absolute": 2.5, "relative": None},
        maxPosition=30,
        neverSell=["aapl", "BRK-B"],
    ).options

    assert (options.cash_flow, options.mode, options.fractional) == (-250_50, Mode.SELL_ONLY, True)
    assert (options.least, options.band) == (50_00, Band(Decimal("2.5"), None))
    assert (options.most, options.never_sell) == (30, {"AAPL", "BRK.B"})


@pytest.mark.parametrize(
    ("given", "band"),
    [
        (3, Band(Decimal(3), None)),
        (0.5, Band(Decimal("0.5"), None)),
        ({}, DEFAULT_BAND),
        ({"absolute": 0}, Band(Decimal(0), Decimal(25))),
        ({"relative": 10}, Band(Decimal(5), Decimal(10))),
    ],
)
def test_a_band_is_two_widths_or_a_number_of_points(given: Any, band: Band) -> None:
    assert wish({"AAPL": 100}, band=given).options.band == band


@pytest.mark.parametrize("model", Model)
def test_a_model_is_a_word(model: Model) -> None:
    assert wish({"model": model.value}).targets is model


@pytest.mark.parametrize("method", Method)
def test_a_method_is_a_word(method: Method) -> None:
    assert wish({"method": method.value}).targets is method


def test_weights_sum_to_one_whatever_the_hundredth_that_is_missing() -> None:
    weights = wish({"aapl": 33.33, "brk-b": 33.33, "class:cash": 33.33}).targets

    assert weights == {"AAPL": Fraction(1, 3), "BRK.B": Fraction(1, 3), "class:cash": Fraction(1, 3)}


def test_a_symbol_may_be_called_like_a_keyword() -> None:
    assert problems({"MODEL": 100}) == {"targets.MODEL": "UNKNOWN_SYMBOL"}
    assert wish({"model": 100}, priced=frozenset({"MODEL"})).new == ("MODEL",)


def test_what_is_not_held_can_be_bought_if_the_table_or_a_price_knows_it() -> None:
    assert wish({"VTI": 50, "ZZZZ": 50}, priced=frozenset({"ZZZZ"})).new == ("VTI", "ZZZZ")
    assert problems({"VTI": 50, "ZZZZ": 50}) == {"targets.ZZZZ": "UNKNOWN_SYMBOL"}
    assert named_symbols(request({"VTI": 50, "AAPL": 40, "class:cash": 5, "A B": 5}), HELD) == ["VTI"]


def test_every_problem_comes_at_once() -> None:
    assert problems(
        {
            "AAPL": -1,
            "aapl": 10,
            "BND": 101,
            "CASH": True,
            "class:gold": 1,
            "region:us": 1,
            "A B": 1,
            "VTI": 0.00001,
        },
        cashFlow=0.001,
        minTrade=-1,
        band={"absolute": 101, "relative": 1001},
        maxPosition=100.5,
        neverSell=["VTI", "BND"],
    ) == {
        "targets.AAPL": "OUT_OF_RANGE",
        "targets.aapl": "DUPLICATE_SYMBOL",
        "targets.BND": "OUT_OF_RANGE",
        "targets.CASH": "INVALID_TYPE",
        "targets.class:gold": "UNKNOWN_GROUP",
        "targets.region:us": "UNKNOWN_GROUP",
        "targets.A B": "INVALID_SYMBOL_FORMAT",
        "targets.VTI": "OUT_OF_RANGE",
        "cashFlow": "OUT_OF_RANGE",
        "minTrade": "OUT_OF_RANGE",
        "band.absolute": "OUT_OF_RANGE",
        "band.relative": "OUT_OF_RANGE",
        "maxPosition": "OUT_OF_RANGE",
        "neverSell.0": "UNKNOWN_SYMBOL",
    }


@pytest.mark.parametrize(
    ("targets", "found"),
    [
        ({}, {"targets": "INVALID_TARGET_SUM"}),
        ({"AAPL": 99.98}, {"targets": "INVALID_TARGET_SUM"}),
        ({"AAPL": 60, "BND": 50}, {"targets": "INVALID_TARGET_SUM"}),
        ({"model": "daring"}, {"targets.model": "UNKNOWN_MODEL"}),
        ({"method": "best"}, {"targets.method": "UNKNOWN_METHOD"}),
        ({"model": "moderate", "AAPL": 5}, {"targets": "AMBIGUOUS_TARGETS"}),
        ({"AAPL": "100"}, {"targets.AAPL": "INVALID_TYPE"}),
        ({"AAPL": None}, {"targets.AAPL": "INVALID_TYPE"}),
    ],
)
def test_targets_that_mean_nothing_are_refused(targets: dict[str, object], found: dict[str, str]) -> None:
    assert problems(targets) == found


def test_a_target_above_the_largest_position_cannot_be_met() -> None:
    assert problems({"AAPL": 60, "CASH": 40}, maxPosition=30) == {"targets.AAPL": "MAX_POSITION_TOO_SMALL"}
    assert problems({"AAPL": 100}, maxPosition=0) == {"maxPosition": "OUT_OF_RANGE"}
