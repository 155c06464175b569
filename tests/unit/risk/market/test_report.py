"""The report of a portfolio that has prices, in whole or in part."""

import subprocess
import sys
from datetime import date, timedelta

import numpy as np
import pytest

from foliolens.ports.prices import MissingReason, PriceSeries
from foliolens.risk.cautions import CautionCode
from foliolens.risk.market.models import MarketMetrics, MissingPrices
from foliolens.risk.models import RiskReport
from tests.unit.risk.cases import AS_OF, cash, component, fund, holding, report
from tests.unit.risk.market.series import (
    INDEX,
    history,
    measured,
    only,
    prices_of,
    real,
    real_history,
    walk,
)

FIGURES = (
    *("volatility", "annual_return", "max_drawdown", "sharpe_ratio", "sortino_ratio"),
    *("value_at_risk95", "value_at_risk99", "conditional_value_at_risk95", "conditional_value_at_risk99"),
    "diversification_ratio",
)


def codes(of: RiskReport) -> set[CautionCode]:
    return {warning.code for warning in of.warnings}


def missing(metrics: MarketMetrics) -> dict[str, tuple[str, ...]]:
    return {group.reason: group.symbols for group in metrics.prices.missing}


def no_figure(metrics: MarketMetrics) -> set[str | None]:
    """The reasons of the figures, none of which has a value."""
    figures = [getattr(metrics, name) for name in FIGURES]
    figures += [metrics.benchmark.beta, metrics.benchmark.correlation]
    assert all(figure.value is None for figure in figures)
    assert metrics.risk_contributions == ()
    assert metrics.correlations.matrix == ()
    return {figure.reason for figure in figures}


class TestTheScore:
    def test_takes_measured_volatility_where_prices_cover_eighty_percent(self) -> None:
        result = report(holding("AAPL", 60), holding("JNJ", 20), holding("ZZ", 20), history=covering())

        assert result.volatility.measured
        assert result.market.volatility.value is not None
        assert result.volatility.value == pytest.approx(result.market.volatility.value, abs=1e-12)
        assert component(result, "volatility").value == result.volatility.value
        assert not any("long-run" in text.lower() for text in (*result.method, *result.data_sources))
        assert "Daily prices to 2022-12-28: Sample data of skfolio." in result.data_sources
        assert component(result, "volatility").explanation == (
            "Prices of 80% of the value measure a volatility of 27.7% a year; AAPL contributes most, 89.3% of"
            " it; a larger share of cash would lower it."
        )

    def test_takes_long_run_figures_where_prices_cover_less(self) -> None:
        held = (holding("AAPL", 59), holding("JNJ", 20), holding("ZZ", 21))
        result, unpriced = report(*held, history=covering()), report(*held)

        assert (result.volatility, result.overall_risk_score) == (
            unpriced.volatility,
            unpriced.overall_risk_score,
        )
        assert not result.volatility.measured
        assert result.market.volatility.value is not None
        assert CautionCode.LOW_PRICE_COVERAGE in codes(result)
        assert any("long-run" in text.lower() for text in result.method)

    def test_cash_counts_as_covered_and_as_standing_still(self) -> None:
        alone = report(holding("AAPL", 50), history=real_history("AAPL"))
        half = report(holding("AAPL", 50), cash(50), history=real_history("AAPL"))

        assert half.market.prices.coverage == 1
        assert alone.volatility.value is not None
        assert half.volatility.value == pytest.approx(alone.volatility.value / 2, rel=1e-12)

    def test_does_not_count_what_holdings_offset_in_each_other(self) -> None:
        up = walk("UP", 300)
        down = prices_of("DOWN", 10_000 / up.adjusted, up.days)
        result = report(holding("UP", 60), holding("DOWN", 40), history=history(up, down))

        assert result.market.volatility.value == pytest.approx(0.2 * 0.16, rel=0.2)
        assert result.volatility.value == pytest.approx((0.36 + 0.16) ** 0.5 * 0.16, rel=0.1)
        assert "because holdings that offset each other may stop doing so" in (
            component(result, "volatility").explanation
        )

    def test_is_never_lower_than_that_of_cash(self) -> None:
        result = report(holding("UP", 1), cash(99), history=history(walk("UP", 300)))

        assert result.volatility.value == report(cash(100)).volatility.value == 0.01
        assert "counts as 1%, that of cash" in component(result, "volatility").explanation


def covering() -> object:
    return real_history("AAPL", "JNJ", missing={"ZZ": "PENDING"})


class TestWhatIsMissing:
    def test_is_named_with_the_reason_and_when_to_ask_again(self) -> None:
        reasons: dict[str, MissingReason] = {
            "ZZA": "PENDING",
            "ZZB": "UNKNOWN_SYMBOL",
            "ZZC": "PENDING",
            "ZZD": "PROVIDER_ERROR",
        }
        prices = history(real()["AAPL"], real()[INDEX], missing=reasons, retry_after=7)

        found = measured([holding("AAPL", 60), *(holding(symbol, 10) for symbol in reasons)], prices).metrics

        assert found.reason is None
        assert found.prices.coverage == pytest.approx(0.6)
        assert found.prices.retry_after == 7
        assert found.prices.missing[0] == MissingPrices(
            reason="PENDING", symbols=("ZZA", "ZZC"), share=0.2, message="The prices are being fetched."
        )
        assert missing(found) == {
            "PENDING": ("ZZA", "ZZC"),
            "PROVIDER_ERROR": ("ZZD",),
            "UNKNOWN_SYMBOL": ("ZZB",),
        }

    def test_says_of_prices_that_are_there_which_days_they_have(self) -> None:
        aapl = real()["AAPL"]
        new = renamed(only(aapl, slice(-1, None)), "NEW")
        old = renamed(only(aapl, slice(0, 700)), "OLD")
        weekly = renamed(only(aapl, np.arange(1258) % 5 == 0), "WEEKLY")

        held = [holding("AAPL", 70), holding("NEW", 10), holding("OLD", 10), holding("WEEKLY", 10)]
        found = measured(held, history(aapl, new, old, weekly)).metrics

        assert {group.reason: group.message for group in found.prices.missing} == {
            "ENDED": "The prices end long before the others': OLD has 700 days from 2017-12-29 to"
            " 2020-10-09.",
            "GAPS": "Too many days have no price: WEEKLY has 252 days from 2017-12-29 to 2022-12-23.",
            "SHORT_HISTORY": "There are fewer than 60 days of prices, or too few beside the others':"
            " NEW has 1 day from 2022-12-28 to 2022-12-28.",
        }
        assert found.prices.retry_after is None
        alone = measured([holding("AAPL", 70)], history(aapl)).metrics
        assert [getattr(found, name) for name in FIGURES] == [getattr(alone, name) for name in FIGURES]

    def test_waiting_is_not_advised_where_it_changes_nothing(self) -> None:
        prices = history(real()["AAPL"], missing={INDEX: "PENDING", "ZZ": "UNKNOWN_SYMBOL"}, retry_after=7)

        found = measured([holding("AAPL", 90), holding("ZZ", 10)], prices).metrics

        assert found.prices.retry_after is None


def renamed(series: PriceSeries, symbol: str) -> PriceSeries:
    return PriceSeries(symbol, series.days, series.adjusted, series.last_close, series.source, series.version)


class TestWithoutFigures:
    def test_no_source_of_prices(self) -> None:
        result = report(holding("AAPL", 60), cash(40))

        reason = "No holding has prices: there is no source of prices."
        assert no_figure(result.market) == {reason}
        assert result.market.reason == reason
        assert result.market.prices.coverage == 0.4
        assert missing(result.market) == {"NO_PROVIDER": ("AAPL",)}
        assert not codes(result) & {CautionCode.LOW_PRICE_COVERAGE, CautionCode.OLD_PRICES}

    def test_prices_on_their_way(self) -> None:
        prices = history(missing={"AAPL": "PENDING", "ZZ": "UNKNOWN_SYMBOL"}, retry_after=3)

        found = measured([holding("AAPL", 60), holding("ZZ", 40)], prices)

        assert found.scored_volatility is None
        assert no_figure(found.metrics) == {
            "No holding has prices that can be used: the prices are being fetched and no source of prices"
            " knows the symbol."
        }
        assert found.metrics.prices.retry_after == 3

    def test_only_cash(self) -> None:
        result = report(cash(100))

        assert no_figure(result.market) == {"Everything is cash, which has no daily prices."}
        assert (result.market.prices.coverage, result.market.prices.missing) == (1, ())

    def test_a_history_of_fewer_than_sixty_days(self) -> None:
        found = measured([holding("A", 1)], history(walk("A", 59)))

        assert found.scored_volatility is None
        (reason,) = no_figure(found.metrics)
        assert reason is not None
        assert "fewer than 60 days" in reason
        assert missing(found.metrics) == {"SHORT_HISTORY": ("A",)}

    def test_too_few_days_in_common(self) -> None:
        first, second = walk("A", 100), walk("B", 70, first="2024-03-11")

        found = measured([holding("A", 50), holding("B", 50)], history(first, second)).metrics

        assert no_figure(found) == {"50 days have prices of all holdings; 60 are needed."}
        assert (found.prices.days, found.prices.missing) == (50, ())
        assert (found.prices.first_day, found.prices.last_day) == (date(2024, 3, 11), date(2024, 5, 17))

    @pytest.mark.parametrize("nonsense", [1e300, 1e-300, 10_001])
    def test_prices_that_are_none(self, nonsense: float) -> None:
        wild = prices_of("A", [1.0 if day % 2 else nonsense for day in range(100)])

        found = measured([holding("A", 1)], history(wild)).metrics

        assert no_figure(found) == {
            "No holding has prices: the prices change more than ten-thousandfold from one day to the next."
        }

    def test_a_value_beyond_any_number(self) -> None:
        """Restoring the weights every day multiplies what two wildly alternating prices do."""
        one = prices_of("A", [1.0 if day % 2 else 10_000 for day in range(200)])
        other = prices_of("B", [1.0 if day % 2 == 0 else 10_000 for day in range(200)])

        found = measured([holding("A", 1), holding("B", 1)], history(one, other)).metrics

        assert no_figure(found) == {"The value grows beyond any number."}

    def test_numpy_is_not_even_imported(self) -> None:
        """So that neither the worker nor a portfolio without prices pays for it."""
        code = (
            "import sys\n"
            "from datetime import UTC, datetime\n"
            "from decimal import Decimal\n"
            "import foliolens.uploads.processing\n"
            "from foliolens.holdings.models import Holding\n"
            "from foliolens.reference.taxonomy import AssetType, Region, Sector\n"
            "from foliolens.risk.report import analyze\n"
            "kind = (AssetType.ETF, None, Sector.UNKNOWN, Region.US)\n"
            "held = Holding('VTI', 'x', *kind, Decimal(100), Decimal(5))\n"
            "assert analyze([held], as_of=datetime.now(UTC)).market.reason\n"
            "assert 'numpy' not in sys.modules\n"
        )
        subprocess.run([sys.executable, "-c", code], check=True)


class TestTheBenchmark:
    def test_moves_with_itself(self) -> None:
        found = measured([holding(INDEX, 1)], real_history()).metrics.benchmark

        assert (found.symbol, found.days) == (INDEX, 1258)
        assert found.beta.value == pytest.approx(1, abs=1e-12)
        assert found.correlation.value == pytest.approx(1, abs=1e-12)

    def test_without_prices_costs_beta_only(self) -> None:
        prices = history(real()["AAPL"], missing={"SPY": "UNKNOWN_SYMBOL"})
        found = measured([holding("AAPL", 1)], prices, benchmark="SPY").metrics

        assert found.volatility.value is not None
        assert found.benchmark.beta.reason == (
            "There are no prices of SPY: no source of prices knows the symbol."
        )

    def test_with_a_short_history_costs_beta_only(self) -> None:
        prices = history(real()["AAPL"], only(real()[INDEX], slice(-59, None)))
        found = measured([holding("AAPL", 1)], prices).metrics

        assert found.prices.days == 1258
        assert found.benchmark.days == 59
        assert found.benchmark.beta.reason == (
            f"59 days have prices of both the portfolio and {INDEX}; 60 are needed."
        )

    def test_that_stands_still_has_no_beta(self) -> None:
        flat = prices_of(INDEX, [100.0] * 1258, real()["AAPL"].days)
        found = measured([holding("AAPL", 1)], history(real()["AAPL"], flat)).metrics.benchmark

        assert found.beta.reason == f"The price of {INDEX} does not move."
        assert found.correlation.value is None


def test_old_prices_are_worth_a_warning() -> None:
    recent = walk("A", 200, first="2024-09-16")
    assert AS_OF.date() - recent.days[-1].item() == timedelta(days=10)

    assert CautionCode.OLD_PRICES not in codes(report(holding("A", 1), history=history(recent)))
    old = report(holding("AAPL", 1), history=real_history("AAPL"))
    assert [warning.message for warning in old.warnings if warning.code is CautionCode.OLD_PRICES] == [
        "The figures from prices end on 2022-12-28, the last common day."
    ]


def test_what_stands_still_has_a_volatility_of_zero_and_no_ratios() -> None:
    found = measured([holding("A", 60), holding("B", 40)], history(*(flat(symbol) for symbol in "AB")))

    assert found.metrics.volatility.value == 0
    assert found.metrics.max_drawdown.value == 0
    assert found.metrics.max_drawdown.peak is None
    assert found.metrics.sharpe_ratio.reason == "The value does not move."
    assert found.metrics.sortino_ratio.reason == "No day falls short of the risk-free rate."
    assert found.metrics.diversification_ratio.value is None
    assert found.metrics.risk_contributions == ()
    assert found.metrics.correlations.matrix == ((None, None), (None, None))
    assert found.scored_volatility == 0.01


def flat(symbol: str) -> PriceSeries:
    return prices_of(symbol, [100.0] * 80)


def test_correlations_are_those_of_the_fifty_largest() -> None:
    held = [fund(f"F{n:02}", 100 - n) for n in range(60)]
    found = measured(held, history(*(walk(each.symbol, 80) for each in held))).metrics

    assert found.correlations.symbols == tuple(each.symbol for each in held[:50])
    assert {len(row) for row in found.correlations.matrix} == {50}
    assert len(found.risk_contributions) == 60


def test_risk_contributions_come_largest_first_with_cash_among_them() -> None:
    found = measured(
        [holding("AAPL", 30), holding("JNJ", 30), cash(40)], real_history("AAPL", "JNJ")
    ).metrics.risk_contributions

    assert [each.symbol for each in found] == ["AAPL", "JNJ", "ZZCASH"]
    assert found[2].contribution == found[2].volatility == 0
    assert sum(each.weight for each in found) == pytest.approx(1)
