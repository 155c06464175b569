"""Percentages only: no amount can be read from what a link shows, nor worked out from it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from foliolens.holdings.apportionment import from_hundredths, largest_remainder
from foliolens.holdings.models import Holding
from foliolens.kit import json
from foliolens.portfolios.store import PortfolioFields
from foliolens.portfolios.stored import StoredPortfolio
from foliolens.ports.prices import PriceHistory
from foliolens.risk.market.conventions import Conventions
from foliolens.risk.report import analyze
from foliolens.sharing.models import Share
from foliolens.sharing.risk_view import SharedRiskReport
from foliolens.sharing.rounding import DECIMALS
from foliolens.sharing.schemas import shown
from tests.unit.risk.cases import holding, portfolios
from tests.unit.risk.market.series import INDEX, STOCKS, real_history

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
IN_PERCENT = Share(UUID(int=1), UUID(int=2), UUID(int=3), ("view", "analyze"), False, NOW, NOW)


def holdings_of(rows: list[Holding], factor: int = 1) -> list[Holding]:
    """Validated holdings: whole amounts times a factor, allocations to the hundredth of a percent."""
    cents = [int(row.amount * 100) for row in rows]
    parts = largest_remainder(cents, 10_000)
    return [
        replace(
            row,
            amount=Decimal(amount * factor),
            allocation=from_hundredths(part),
            shares=Decimal(amount * factor),
            avg_price=Decimal(factor),
        )
        for row, amount, part in zip(rows, cents, parts, strict=True)
    ]


def portfolio_answer(holdings: list[Holding]) -> dict[str, Any]:
    """What a link shows of a portfolio, as a program reads it."""
    total = sum((holding.amount for holding in holdings), Decimal(0))
    stored = StoredPortfolio(UUID(int=3), 1, PortfolioFields("Mine"), total, NOW, tuple(holdings))
    answer: dict[str, Any] = json.decode(json.encode(shown(stored, IN_PERCENT).model_dump(by_alias=True)))
    return answer


def risk_answer(holdings: list[Holding], prices: PriceHistory | None = None) -> dict[str, Any]:
    """What a link shows of the risk report, as a program reads it."""
    conventions = Conventions(benchmark=INDEX)
    report = SharedRiskReport.of(analyze(holdings, as_of=NOW, history=prices, conventions=conventions))
    answer: dict[str, Any] = json.decode(json.encode(report.model_dump(by_alias=True)))
    return answer


def numbers_in(value: object) -> Iterator[Decimal]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from numbers_in(inner)
    elif isinstance(value, Decimal):
        yield value


def decimals(figure: Decimal) -> int:
    return -int(figure.normalize().as_tuple().exponent)


@settings(deadline=None)
@given(portfolios(), st.integers(2, 10_000))
def test_a_portfolio_many_times_as_large_looks_the_same(rows: list[Holding], factor: int) -> None:
    small, large = holdings_of(rows), holdings_of(rows, factor)

    assert portfolio_answer(small) == portfolio_answer(large)
    assert risk_answer(small) == risk_answer(large)


@settings(deadline=None)
@given(portfolios())
def test_no_figure_is_finer_than_a_hundredth_of_a_percent(rows: list[Holding]) -> None:
    holdings = holdings_of(rows)

    figures = [*numbers_in(portfolio_answer(holdings)), *numbers_in(risk_answer(holdings))]

    assert figures
    assert max(map(decimals, figures)) <= DECIMALS


@settings(deadline=None, max_examples=20)
@given(st.lists(st.integers(1, 10**8), min_size=10, max_size=10), st.integers(2, 10_000))
def test_figures_from_prices_tell_no_more(amounts: list[int], factor: int) -> None:
    prices = real_history(*STOCKS)
    rows = [holding(symbol, Decimal(cents) / 100) for symbol, cents in zip(STOCKS, amounts, strict=True)]

    small, large = (risk_answer(holdings_of(rows, times), prices) for times in (1, factor))

    assert small == large
    assert len(small["market"]["riskContributions"]) == 10
    assert max(map(decimals, numbers_in(small))) <= DECIMALS


def test_a_total_in_cents_follows_from_the_owners_figures_and_not_from_a_links() -> None:
    """Why figures are rounded: an amount's share in the total, as a double, is a fraction to be found."""
    stock, other = 1_234_567, 7_654_321 - 1_234_567
    rows = [holding("AAPL", Decimal(stock) / 100), holding("MSFT", Decimal(other) / 100)]
    report = analyze(rows, as_of=NOW)

    def total(share: float) -> int:
        return Fraction(share).limit_denominator(10_000_000).denominator

    assert total(report.top_holdings.top1) == 7_654_321
    assert total(SharedRiskReport.of(report).top_holdings.top1) <= 10**DECIMALS
