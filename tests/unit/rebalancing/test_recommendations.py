"""What is recommended, and that the trades do what is said of them."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from foliolens.holdings.models import Holding
from foliolens.rebalancing.model_portfolios import Model
from foliolens.rebalancing.recommendations import Finding, RecommendationCode, findings, mended
from foliolens.reference.classification import classify
from foliolens.reference.taxonomy import AssetType, Region, Sector
from tests.unit.rebalancing.cases import bills, bonds, fund, money, stock, unknown

CODE = RecommendationCode


def tech(symbol: str, amount: object) -> Holding:
    return replace(stock(symbol, amount), sector=Sector.INFORMATION_TECHNOLOGY)


def abroad(symbol: str, amount: object) -> Holding:
    return replace(fund(symbol, amount), region=Region.DEVELOPED_INTERNATIONAL)


BALANCED = (fund("US", 5000), abroad("WORLD", 3000), bonds("BONDS", 2000))


def only(holdings: list[Holding], code: RecommendationCode, **options: object) -> Finding:
    (found,) = [each for each in findings(holdings, **options) if each.code is code]  # type: ignore[arg-type]
    return found


def carried_out(holdings: list[Holding], finding: Finding) -> list[Holding]:
    """The portfolio once the suggested trades are made."""
    amounts = {holding.symbol: holding.amount for holding in holdings}
    for trade in finding.trades:
        amounts[trade.symbol] = amounts.get(trade.symbol, Decimal(0)) + Decimal(trade.cents) / 100
    known = {holding.symbol: holding for holding in holdings}
    return [
        replace(known[symbol], amount=amount) if symbol in known else _bought(symbol, amount)
        for symbol, amount in amounts.items()
        if amount
    ]


def _bought(symbol: str, amount: Decimal) -> Holding:
    entry = classify(symbol)
    return Holding(
        symbol,
        entry.name,
        entry.type or AssetType.ETF,
        entry.category,
        entry.sector,
        entry.region,
        Decimal(0),
        amount,
    )


def test_a_broad_portfolio_needs_nothing() -> None:
    assert findings(BALANCED) == []


@pytest.mark.parametrize(
    ("holdings", "code", "symbols"),
    [
        ([stock("A", 3000), *BALANCED], CODE.OVER_CONCENTRATED, ("A",)),
        ([fund("US", 5000), abroad("WORLD", 5000)], CODE.MISSING_BONDS, ()),
        ([bonds("BONDS", 5000), money(1000)], CODE.MISSING_EQUITY, ()),
        ([tech("A", 4000), tech("B", 2500), *BALANCED], CODE.ONE_SECTOR, ("A", "B")),
        ([fund("US", 9000), abroad("WORLD", 500), bonds("BONDS", 500)], CODE.HOME_BIAS, ("US", "BONDS")),
    ],
    ids=lambda value: value.value if isinstance(value, CODE) else None,
)
def test_each_finding_is_gone_once_its_trades_are_made(
    holdings: list[Holding], code: RecommendationCode, symbols: tuple[str, ...]
) -> None:
    found = only(holdings, code)

    assert found.symbols == symbols
    assert sum(trade.cents for trade in found.trades) == 0
    assert all(trade.symbol in found.message for trade in found.trades)
    later = carried_out(holdings, found)
    assert code not in {each.code for each in findings(later)}
    assert found in mended([found], later)


def test_proceeds_go_to_a_broad_fund_that_is_held_else_to_an_example() -> None:
    held = only([stock("A", 5000), fund("US", 5000)], CODE.OVER_CONCENTRATED)
    example = only([stock("A", 5000), bonds("BONDS", 5000)], CODE.OVER_CONCENTRATED)

    assert held.trades[-1].symbol == "US"
    assert "to name an example" not in held.message
    assert example.trades[-1].symbol == "VT"
    assert "buying VT, to name an example, does that" in example.message


def test_cash_is_used_before_anything_is_sold_for_a_missing_class() -> None:
    found = only([fund("US", 8000), abroad("WORLD", 1000), money(1000)], CODE.MISSING_BONDS)

    assert [(trade.symbol, trade.cents) for trade in found.trades] == [
        ("CASH", -1000_00),
        ("US", -200_00),
        ("BND", 1200_00),
    ]


def test_a_model_says_how_much_of_a_missing_class_there_should_be() -> None:
    holdings = [fund("US", 7000), abroad("WORLD", 3000)]

    assert "the moderate model holds 35%" in only(holdings, CODE.MISSING_BONDS, model=Model.MODERATE).message
    assert only(holdings, CODE.MISSING_BONDS, model=Model.MODERATE).trades[-1].cents == 3500_00
    assert "every model portfolio holds at least 12%" in only(holdings, CODE.MISSING_BONDS).message


def test_a_balanced_fund_may_hold_what_seems_to_be_missing() -> None:
    assert findings([unknown("BALANCED", 5000), fund("US", 3000), abroad("WORLD", 2000)]) == []


def test_what_is_never_to_be_sold_is_named_without_trades() -> None:
    found = only([stock("A", 5000), fund("US", 5000)], CODE.OVER_CONCENTRATED, never_sell=frozenset({"A"}))

    assert found.trades == ()
    assert "selling" not in found.message


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        (  # 90% and then 75% of what is invested, yet 36% and then 68% of the portfolio
            [fund("US", 3600), abroad("WORLD", 400), money(6000)],
            [fund("US", 6800), abroad("WORLD", 2200), money(1000)],
            CODE.HOME_BIAS,
        ),
        (
            [fund("US", 4500), abroad("WORLD", 500), replace(unknown("WHERE", 5000), region=Region.UNKNOWN)],
            [fund("US", 7500), abroad("WORLD", 2500)],
            CODE.HOME_BIAS,
        ),
        (
            [tech("A", 3000), fund("US", 1000), money(6000)],
            [tech("A", 3500), replace(stock("B", 3000), sector=Sector.HEALTH_CARE), stock("C", 3500)],
            CODE.ONE_SECTOR,
        ),
        (
            [tech("A", 2000), fund("US", 1000), money(7000)],
            [tech("A", 3000), replace(stock("B", 6000), sector=Sector.HEALTH_CARE), fund("US", 1000)],
            CODE.ONE_SECTOR,
        ),
        (
            [fund("US", 5000), abroad("WORLD", 5000)],
            [fund("US", 5000), unknown("A", 5000)],
            CODE.MISSING_BONDS,
        ),
        (
            [bonds("BONDS", 9000), bills("T", 1000)],
            [bonds("BONDS", 1), unknown("A", 9000)],
            CODE.MISSING_EQUITY,
        ),
    ],
    ids=[
        "cash is invested abroad too",
        "the unknown is sold",
        "cash is invested in other sectors too",
        "another sector is larger",
        "bonds are not known to be there",
        "nor is equity",
    ],
)
def test_what_vanishes_from_the_figures_alone_is_not_mended(
    before: list[Holding], after: list[Holding], code: RecommendationCode
) -> None:
    found = only(before, code)

    assert mended([found], after) == []
