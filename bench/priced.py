"""Portfolios with simulated prices of five years, in this process and behind a server."""

import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import httpx
import numpy as np
from tests.api.conftest import PASSWORD

from foliolens.holdings.models import Holding
from foliolens.ports.prices import PriceHistory, PriceSeries
from foliolens.reference.taxonomy import AssetType, Category, Region, Sector

__all__ = ["BENCHMARK", "Client", "holdings", "milliseconds", "simulated", "symbols", "write_files"]

BENCHMARK = "SPY"
DAYS = 1259  # five years


def symbols(count: int, first: int = 0) -> list[str]:
    """Symbols that no table knows."""
    return [f"Q{number:04}" for number in range(first, first + count)]


def simulated(names: Sequence[str]) -> PriceHistory:
    """Random walks with a common driver, on weekdays up to yesterday, and the benchmark's."""
    days = np.busday_offset(np.datetime64("today"), np.arange(-DAYS, 0), roll="backward")
    driver = np.random.default_rng(0).normal(0.0003, 0.008, DAYS)
    series = {}
    for number, name in enumerate([*names, BENCHMARK]):
        own = np.random.default_rng(number + 1).normal(0, 0.012, DAYS)
        series[name] = PriceSeries(
            name, days, np.round(100 * np.exp(np.cumsum(driver + own)), 4), Decimal(100), "simulated", 1
        )
    return PriceHistory(series, {})


def holdings(names: Sequence[str]) -> list[Holding]:
    """Stocks of different weights."""
    kind = (AssetType.STOCK, Category.US_LARGE_CAP, Sector.FINANCIALS, Region.US)
    return [
        Holding(name, name, *kind, Decimal(0), Decimal(1000 + 37 * number))
        for number, name in enumerate(names)
    ]


def write_files(folder: Path, history: PriceHistory) -> None:
    """Write the price files that a server takes into its store."""
    folder.mkdir(exist_ok=True)
    for name, series in history.series.items():
        rows = zip(series.days.tolist(), series.adjusted.tolist(), strict=True)
        text = "".join(f"{day},{price}\n" for day, price in rows)
        (folder / f"{name}.csv").write_text(f"date,close\n{text}")


class Client:
    """A signed-in user of a server.

    Args:
        url: Of the server.
    """

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=f"{url}/v1", timeout=60)
        person = {"email": f"{uuid4().hex}@example.com", "password": PASSWORD}
        names = {"firstName": "Ada", "lastName": "Lovelace"}
        self.http.post("/auth/register", json=person | names).raise_for_status()
        tokens = self.http.post("/auth/login", json=person).raise_for_status().json()
        self.http.headers["Authorization"] = f"Bearer {tokens['accessToken']}"

    def portfolio(self, names: Sequence[str]) -> str:
        """Make a portfolio, and wait until all of it is measured; its id."""
        assets = [
            {"symbol": name, "type": "stock", "dollarAmount": 1000 + 37 * number}
            for number, name in enumerate(names)
        ]
        body = {"name": names[0], "assets": assets}
        made = self.http.post("/portfolios", json=body).raise_for_status().json()["id"]
        deadline = time.monotonic() + 600
        while time.monotonic() < deadline:
            report = self.http.get(f"/portfolios/{made}/risk").raise_for_status().json()
            market = report["market"]
            if market["prices"]["coverage"] == 1 and market["benchmark"]["beta"]["value"] is not None:
                return str(made)
            time.sleep(0.5)
        raise AssertionError(f"the prices did not come: {market['prices']['missing']}")


def milliseconds(job: Callable[[], object], times: int) -> float:
    """The median of several runs."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        job()
        taken.append(time.perf_counter() - started)
    return float(np.median(taken)) * 1e3
