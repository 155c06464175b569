"""The demo's prices are real, complete and what the data card says."""

from datetime import date
from decimal import Decimal

import numpy as np
from skfolio.datasets import load_sp500_dataset

from foliolens.market.demo.prices import DEMO_BENCHMARK, demo_prices, demo_series


def test_every_symbol_has_every_trading_day_of_five_years() -> None:
    prices = demo_prices()
    assert len(prices) == 26
    assert DEMO_BENCHMARK in prices
    days = [price.day for price in prices["AAPL"]]
    assert (days[0], days[-1], len(days)) == (date(2017, 12, 29), date(2022, 12, 28), 1258)
    assert all([price.day for price in of_one] == days for of_one in prices.values())
    assert all(price.close == price.adjusted_close > 0 for of_one in prices.values() for price in of_one)


def test_the_figures_are_those_of_the_source() -> None:
    source = load_sp500_dataset()["2017-12-29":]
    series = demo_series()
    for symbol in source.columns:
        assert np.array_equal(series[symbol].adjusted, source[symbol].to_numpy()), symbol


def test_series_and_daily_prices_agree() -> None:
    series, prices = demo_series(), demo_prices()
    assert series.keys() == prices.keys()
    assert series["WMT"].last_close == prices["WMT"][-1].close == Decimal("140.181")
    assert series["WMT"].days[-1] == np.datetime64("2022-12-28")
