"""What holdings are worth, and where prices come from: one date for all, and no doubtful price."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from foliolens.holdings.models import Holding
from foliolens.ports.prices import PriceHistory, PriceSeries
from foliolens.rebalancing.valuation import Basis, PriceSource, Valuation, value
from foliolens.reference.taxonomy import AssetType
from tests.unit.rebalancing.cases import TODAY, money, series, stock

YESTERDAY = TODAY - timedelta(days=1)
WEEK_AGO = TODAY - timedelta(days=7)


def valued(
    holdings: list[Holding], *closes: PriceSeries, currency: str = "USD", stated: int = 30
) -> Valuation:
    history = PriceHistory({each.symbol: each for each in closes}, {})
    return value(holdings, history, currency=currency, stated_on=TODAY - timedelta(days=stated), today=TODAY)


def close(symbol: str, price: object, last: object = YESTERDAY) -> PriceSeries:
    return series(symbol, [1.0], last, close=price)  # type: ignore[arg-type]


def test_holdings_are_worth_their_shares_at_the_close_where_all_have_both() -> None:
    result = valued([stock("A", 100, 10), money(50), stock("B", 300, 2)], close("A", "12.5"), close("B", 140))

    assert [holding.amount for holding in result.holdings] == [Decimal("125.00"), 50, Decimal("280.00")]
    assert (result.basis, result.day) == (Basis.CLOSES, YESTERDAY)
    assert result.prices["A"].exact == Fraction("12.5")
    assert (result.prices["A"].source, result.prices["A"].day) == (PriceSource.CLOSE, YESTERDAY)
    assert result.notes == (
        f"Valued at the closes of {YESTERDAY}, the portfolio is worth 455.00; it states 450.00.",
    )


@pytest.mark.parametrize(
    ("holdings", "closes", "more"),
    [
        ([stock("A", 100, 10), stock("B", 100, 10)], [close("A", 11)], {}),
        ([stock("A", 100, 10), stock("B", 100)], [close("A", 11), close("B", 11)], {}),
        ([stock("A", 100, 10)], [close("A", 11, WEEK_AGO - timedelta(days=1))], {}),
        ([stock("A", 100, 10)], [close("A", 11)], {"currency": "EUR"}),
        ([stock("A", 100, 10)], [close("A", 11)], {"stated": 0}),
    ],
    ids=["a-close-is-missing", "shares-are-missing", "too-old", "another-currency", "older-than-stated"],
)
def test_else_all_holdings_are_worth_what_is_stated(
    holdings: list[Holding], closes: list[PriceSeries], more: dict[str, object]
) -> None:
    result = valued(holdings, *closes, **more)  # type: ignore[arg-type]

    assert result.basis is Basis.STATED
    assert result.holdings == tuple(holdings)
    assert result.prices["A"].exact == 10
    assert (result.prices["A"].source, result.prices["A"].day) == (PriceSource.HOLDING, None)


def test_a_week_old_close_is_still_used() -> None:
    assert valued([stock("A", 100, 10)], close("A", 11, WEEK_AGO)).basis is Basis.CLOSES


@pytest.mark.parametrize(("price", "used"), [("5.00", True), ("4.99", False), ("20", True), ("20.01", False)])
def test_a_close_that_doubles_or_halves_a_holding_is_doubtful(price: str, used: bool) -> None:
    result = valued([stock("A", 100, 10)], close("A", price))

    assert (result.basis is Basis.CLOSES) is used
    assert any("check the number of shares" in note for note in result.notes) is not used


def test_a_recent_close_prices_what_has_no_shares_and_what_is_to_be_bought() -> None:
    result = valued([stock("A", 100), stock("B", 100, 10)], close("A", 25), close("NEW", 40))

    assert {symbol: price.exact for symbol, price in result.prices.items()} == {"A": 25, "B": 10, "NEW": 40}


def test_bonds_have_no_close_that_counts() -> None:
    bond = Holding(
        **{
            **{name: getattr(stock("A", 9800, 10_000), name) for name in Holding.__slots__},
            "type": AssetType.BOND,
        }
    )
    unpriced = Holding(**{**{name: getattr(bond, name) for name in Holding.__slots__}, "shares": None})

    assert valued([bond], close("A", 98)).prices["A"].exact == Fraction(98, 100)
    assert valued([unpriced], close("A", 98)).prices == {}


def test_a_price_is_shown_with_six_decimals_at_most() -> None:
    assert str(valued([stock("A", 100, 3)]).prices["A"].shown) == "33.333333"
    assert str(valued([stock("A", 1000, 10)]).prices["A"].shown) == "100"
