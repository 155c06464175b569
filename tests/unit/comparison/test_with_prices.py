"""What prices say of portfolios side by side, on the same days."""

import empyrical
import numpy as np
import pandas as pd
import pytest

from foliolens.ports.prices import PriceSeries
from tests.unit.comparison.cases import best, compared, pair
from tests.unit.risk.cases import cash, holding
from tests.unit.risk.market.series import (
    INDEX,
    STOCKS,
    day,
    history,
    only,
    prices_of,
    real,
    real_history,
    walk,
)

EXACT = 1e-9
PORTFOLIOS = {
    "tech": [holding("AAPL", 60), holding("AMD", 40)],
    "staples": [holding("KO", 30), holding("JNJ", 50), holding("AAPL", 20)],
    "half": [holding("KO", 15), holding("JNJ", 25), holding("AAPL", 10), cash(50)],
}
PRICES = real_history("AAPL", "AMD", "KO", "JNJ")


def returns_of(weights: dict[str, float]) -> pd.Series:
    frame = pd.DataFrame(
        {symbol: pd.Series(real()[symbol].adjusted, real()[symbol].days) for symbol in weights}
    )
    return frame.pct_change().dropna() @ pd.Series(weights)


def test_figures_are_those_of_empyrical() -> None:
    found = compared(PORTFOLIOS, PRICES, risk_free=0.02)
    tech = returns_of({"AAPL": 0.6, "AMD": 0.4})
    daily = 1.02 ** (1 / 252) - 1
    figures = found.portfolios[0].figures

    assert found.period.reason is None
    assert (found.period.first_day, found.period.last_day, found.period.days) == (
        day("2017-12-29"),
        day("2022-12-28"),
        1258,
    )
    assert figures.volatility.value == pytest.approx(empyrical.annual_volatility(tech), abs=EXACT)
    assert figures.annual_return.value == pytest.approx(empyrical.annual_return(tech), abs=EXACT)
    assert figures.max_drawdown.value == pytest.approx(empyrical.max_drawdown(tech), abs=EXACT)
    assert figures.sharpe_ratio.value == pytest.approx(empyrical.sharpe_ratio(tech, daily), abs=EXACT)
    index = pd.Series(real()[INDEX].adjusted, real()[INDEX].days).pct_change().dropna()
    assert figures.benchmark.beta.value == pytest.approx(empyrical.beta(tech, index), abs=EXACT)


def test_correlations_and_the_pair_that_moves_most_alike() -> None:
    found = compared(PORTFOLIOS, PRICES)
    tech, staples = returns_of({"AAPL": 0.6, "AMD": 0.4}), returns_of({"KO": 0.3, "JNJ": 0.5, "AAPL": 0.2})

    assert pair(found, "tech", "staples").correlation.value == pytest.approx(tech.corr(staples), abs=EXACT)
    assert pair(found, "staples", "half").correlation.value == pytest.approx(1)
    least = found.least_diversifying
    assert least is not None
    assert (least.first, least.second, least.by) == ("staples", "half", "correlation")
    assert least.explanation == "STAPLES and HALF move most alike (correlation 1.00)."


def test_diversification_ratio_counts_own_holdings_only() -> None:
    found = compared(PORTFOLIOS, PRICES)
    own = pd.Series(
        {symbol: empyrical.annual_volatility(returns_of({symbol: 1.0})) for symbol in ("AAPL", "AMD")}
    )
    whole = empyrical.annual_volatility(returns_of({"AAPL": 0.6, "AMD": 0.4}))

    expected = (0.6 * own["AAPL"] + 0.4 * own["AMD"]) / whole
    assert found.portfolios[0].figures.diversification_ratio.value == pytest.approx(expected, abs=EXACT)


def test_who_is_best_in_what() -> None:
    found = compared(PORTFOLIOS, PRICES)

    assert best(found, "volatility").portfolio_ids == ("half",)
    assert best(found, "maxDrawdown").portfolio_ids == ("half",)
    assert best(found, "annualReturn").portfolio_ids == ("tech",)
    assert best(found, "annualReturn").value == found.portfolios[0].figures.annual_return.value
    assert best(found, "sharpeRatio").portfolio_ids == ("tech",)
    # Half of it in cash does not change the ratio.
    assert best(found, "diversificationRatio").portfolio_ids == ("staples", "half")


def test_the_chart_starts_at_100_and_ends_with_the_whole_growth() -> None:
    found = compared(PORTFOLIOS, PRICES).performance
    tech = returns_of({"AAPL": 0.6, "AMD": 0.4})

    assert len(found.days) == 261
    assert (found.days[0], found.days[-1]) == (day("2017-12-29"), day("2022-12-28"))
    lines = {line.id: line.values for line in (*found.portfolios, found.benchmark)}
    assert lines.keys() == {*PORTFOLIOS, INDEX}
    assert all(values is not None and len(values) == 261 and values[0] == 100 for values in lines.values())
    assert lines["tech"][-1] == pytest.approx(100 * (1 + tech).prod(), abs=1e-4)  # type: ignore[index]
    index = real()[INDEX].adjusted
    assert lines[INDEX][-1] == pytest.approx(100 * index[-1] / index[0], abs=1e-4)  # type: ignore[index]


def test_days_are_those_that_the_holdings_of_all_portfolios_have() -> None:
    young = only(real()["AMD"], slice(-300, None))
    found = compared(PORTFOLIOS, history(*(real()[s] for s in ("AAPL", "KO", "JNJ", INDEX)), young))

    assert found.period.days == 300
    assert {portfolio.prices.days for portfolio in found.portfolios} == {300}


def test_chosen_days_are_kept_to() -> None:
    """The service cuts; nothing looks further back than what it is given."""
    cut = [only(real()[symbol], slice(100, 200)) for symbol in ("AAPL", "AMD", "KO", "JNJ", INDEX)]
    found = compared(PORTFOLIOS, history(*cut), lookback=None)

    assert (found.period.first_day, found.period.days) == (cut[0].days[0].item(), 100)


def test_a_portfolio_of_which_nothing_has_prices_is_alone_without_figures() -> None:
    prices = real_history("AAPL", "AMD", missing={"ZZ": "UNKNOWN_SYMBOL"})
    portfolios = {"x": [holding("AAPL", 1)], "y": [holding("ZZ", 9), cash(1)], "z": [holding("AMD", 1)]}
    found = compared(portfolios, prices)

    reason = "No holding has prices: no source of prices knows the symbol."
    assert found.period.reason is None
    assert found.portfolios[1].figures.volatility.reason == reason
    assert found.portfolios[1].prices.coverage == pytest.approx(0.1)
    assert pair(found, "x", "y").correlation.reason == reason
    assert pair(found, "x", "z").correlation.value is not None
    assert found.performance.portfolios[1].values is None
    assert found.performance.portfolios[1].reason == reason
    assert best(found, "volatility").portfolio_ids == ("x",)
    assert best(found, "volatility").reason == "Without a value: Y."
    assert found.least_diversifying is not None
    assert found.least_diversifying.explanation.endswith(", of the pairs whose correlation is known.")


def test_missing_prices_shrink_coverage_and_the_rest_stands_for_the_whole() -> None:
    prices = real_history("AAPL", "AMD", missing={"ZZ": "PENDING"})
    found = compared({"x": [holding("AAPL", 70), holding("ZZ", 30)], "y": [holding("AMD", 1)]}, prices)

    first = found.portfolios[0]
    assert first.prices.coverage == pytest.approx(0.7)
    assert first.prices.missing[0].symbols == ("ZZ",)
    alone = returns_of({"AAPL": 1.0})
    assert first.figures.volatility.value == pytest.approx(empyrical.annual_volatility(alone), abs=EXACT)


def test_cash_alone_stands_still() -> None:
    found = compared({"x": [holding("AAPL", 1)], "y": [cash(1)]}, real_history("AAPL"))
    still = found.portfolios[1].figures

    assert (still.volatility.value, still.annual_return.value, still.max_drawdown.value) == (0, 0, 0)
    assert still.sharpe_ratio.reason == "The value does not move."
    assert pair(found, "x", "y").correlation.reason == "The value of one does not move."
    assert set(found.performance.portfolios[1].values or ()) == {100.0}


def test_too_few_common_days() -> None:
    prices = history(*(only(real()[symbol], slice(0, 59)) for symbol in STOCKS[:2]))
    found = compared({"x": [holding("AAPL", 1)], "y": [holding("AMD", 1)]}, prices)

    assert found.period.reason is not None
    assert "fewer than 60 days" in found.period.reason


@pytest.mark.parametrize(
    ("series", "reason"),
    [
        (
            only(real()[INDEX], slice(0, 900)),
            f"The prices of {INDEX} (2017-12-29 to 2021-07-28) do not cover",
        ),
        (prices_of(INDEX, [1, 1e9] * 629, real()["AAPL"].days), "ten-thousandfold"),
        (None, f"There are no prices of {INDEX}: there is no source of prices."),
    ],
    ids=["ended", "nonsense", "none"],
)
def test_the_line_of_the_benchmark_may_be_missing(series: PriceSeries | None, reason: str) -> None:
    prices = history(real()["AAPL"], real()["AMD"], *([] if series is None else [series]))
    found = compared({"x": [holding("AAPL", 1)], "y": [holding("AMD", 1)]}, prices)

    assert found.performance.benchmark.values is None
    assert reason in (found.performance.benchmark.reason or "")
    assert found.portfolios[0].figures.volatility.value is not None


def test_a_few_days_without_a_price_are_bridged_in_the_benchmarks_line() -> None:
    gappy = only(real()[INDEX], np.arange(1258) % 7 != 3)
    found = compared(
        {"x": [holding("AAPL", 1)], "y": [holding("AMD", 1)]}, history(real()["AAPL"], real()["AMD"], gappy)
    )
    assert found.performance.benchmark.values is not None


def test_a_value_beyond_any_number_costs_that_portfolio_only() -> None:
    days = walk("C", 200).days
    one = prices_of("A", [1.0 if n % 2 else 10_000 for n in range(200)], days)
    other = prices_of("B", [1.0 if n % 2 == 0 else 10_000 for n in range(200)], days)
    portfolios = {"x": [holding("A", 1), holding("B", 1)], "y": [holding("C", 1)]}
    found = compared(portfolios, history(one, other, walk("C", 200)))

    assert found.portfolios[0].figures.volatility.reason == "The value grows beyond any number."
    assert found.portfolios[1].figures.volatility.value is not None
    assert found.performance.portfolios[0].values is None
