"""Milliseconds of a comparison over HTTP: 10 portfolios of 50 holdings over five years, warm.

Once with 500 different symbols, once with 100 that are held in many of the portfolios. The peer computes
volatility, return, drawdown, Sharpe ratio and correlations of the first ten with pandas and empyrical, from
prices that are in memory, without overlap, scores or JSON.
"""

import empyrical
import numpy as np
import pandas as pd
from tests.api.conftest import running_server

from bench.figures import Figure
from bench.priced import Client, milliseconds, simulated, symbols, write_files
from foliolens.ports.prices import PriceHistory

__all__ = ["main"]

PORTFOLIOS, HOLDINGS = 10, 50
TIMES = 21
AIM = "under 300 ms"


def with_pandas(history: PriceHistory, portfolios: list[list[str]]) -> pd.DataFrame:
    """The figures as they are usually computed."""
    frame = pd.DataFrame({name: pd.Series(each.adjusted, each.days) for name, each in history.series.items()})
    changes = frame.pct_change().dropna()
    weights = np.array([1000 + 37 * number for number in range(HOLDINGS)], dtype=float)
    returns = pd.DataFrame({names[0]: changes[names] @ (weights / weights.sum()) for names in portfolios})
    for column in returns:
        empyrical.annual_volatility(returns[column])
        empyrical.annual_return(returns[column])
        empyrical.max_drawdown(returns[column])
        empyrical.sharpe_ratio(returns[column])
    return returns.corr()


def main() -> list[Figure]:
    """Measure both."""
    names = symbols(PORTFOLIOS * HOLDINGS)
    apart = [names[start : start + HOLDINGS] for start in range(0, len(names), HOLDINGS)]
    shared = [names[start : start + HOLDINGS] for start in range(1, 51, 5)]
    history = simulated(names)
    with running_server(auto_confirm="true", rate_user_per_hour="100000") as server:
        write_files(server.data / "prices", history)
        client = Client(server.url)
        return [
            _figure(client, apart, history, "500 symbols"),
            _figure(client, shared, history, "100 symbols"),
        ]


def _figure(client: Client, portfolios: list[list[str]], history: PriceHistory, what: str) -> Figure:
    body = {"portfolioIds": [client.portfolio(names) for names in portfolios]}
    answer = client.http.post("/portfolios/compare", json=body).raise_for_status()
    compared = answer.json()
    assert compared["period"]["reason"] is None, compared["period"]
    assert all(each["prices"]["coverage"] == 1 for each in compared["portfolios"])
    taken = milliseconds(lambda: client.http.post("/portfolios/compare", json=body).raise_for_status(), TIMES)
    peer = milliseconds(lambda: with_pandas(history, portfolios), TIMES)
    return Figure(
        f"{PORTFOLIOS} portfolios of {HOLDINGS} holdings, {what}",
        f"{taken:.0f} ms, {len(answer.content) / 1000:.0f} kB",
        f"pandas and empyrical {peer:.0f} ms",
        AIM,
    )


if __name__ == "__main__":
    print(*main(), sep="\n")
