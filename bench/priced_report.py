"""Milliseconds of a risk report with prices: 50 holdings over five years.

In this process, and over HTTP as its owner asks for it: a report that has to be made (each request names
another benchmark than the one before), one that is remembered, and the same portfolio without prices. The
peer computes the same figures with pandas and empyrical, without explanations, scores or JSON.
"""

from datetime import UTC, datetime
from itertools import cycle

import empyrical
import pandas as pd
from tests.api.conftest import running_server

from bench.figures import Figure
from bench.priced import BENCHMARK, Client, holdings, milliseconds, simulated, symbols, write_files
from foliolens.ports.prices import PriceHistory
from foliolens.risk.report import analyze

__all__ = ["main"]

HOLDINGS = 50
TIMES = 41
AIM = "under 100 ms"


def with_pandas(history: PriceHistory, weights: pd.Series) -> dict[str, object]:
    """The figures as they are usually computed."""
    frame = pd.DataFrame({name: pd.Series(each.adjusted, each.days) for name, each in history.series.items()})
    changes = frame.pct_change().dropna()
    returns = changes[weights.index] @ weights
    covariance = changes[weights.index].cov() * 252
    whole = (weights @ covariance @ weights) ** 0.5
    return {
        "volatility": empyrical.annual_volatility(returns),
        "return": empyrical.annual_return(returns),
        "drawdown": empyrical.max_drawdown(returns),
        "sharpe": empyrical.sharpe_ratio(returns),
        "sortino": empyrical.sortino_ratio(returns),
        "var": [empyrical.value_at_risk(returns, tail) for tail in (0.05, 0.01)],
        "cvar": [empyrical.conditional_value_at_risk(returns, tail) for tail in (0.05, 0.01)],
        "beta": empyrical.beta(returns, changes[BENCHMARK]),
        "correlations": changes[weights.index].corr(),
        "contributions": weights * (covariance @ weights) / whole,
    }


def main() -> list[Figure]:
    """Measure in this process, then over HTTP."""
    names = symbols(HOLDINGS)
    history, held = simulated(names), holdings(names)
    amounts = pd.Series({each.symbol: float(each.amount) for each in held})
    now = datetime.now(UTC)
    with_pandas(history, amounts / amounts.sum())
    analyze(held, as_of=now, history=history)
    peer = milliseconds(lambda: with_pandas(history, amounts / amounts.sum()), TIMES)
    ours = milliseconds(lambda: analyze(held, as_of=now, history=history), TIMES)
    unpriced = milliseconds(lambda: analyze(held, as_of=now), TIMES)
    beside = f"pandas and empyrical {peer:.1f} ms"
    figures = [
        Figure("the report in this process", f"{ours:.1f} ms ({unpriced:.1f} ms without prices)", beside, AIM)
    ]
    with running_server(auto_confirm="true") as server:
        write_files(server.data / "prices", history)
        client = Client(server.url)
        path = f"/portfolios/{client.portfolio(names)}"
        bare = f"/portfolios/{client.http.post('/portfolios', json=_unpriced()).json()['id']}"
        others = cycle((names[0], names[1]))

        def get(place: str, **query: str) -> None:
            client.http.get(place, params=query).raise_for_status()

        made = milliseconds(lambda: get(f"{path}/risk", benchmark=next(others)), TIMES)
        remembered = milliseconds(lambda: get(f"{path}/risk"), TIMES)
        shown = milliseconds(lambda: get(path), TIMES)
        without = milliseconds(lambda: get(f"{bare}/risk"), TIMES)
    figures += [
        Figure("`GET risk`, a new report", f"{made:.1f} ms", beside, AIM),
        Figure("`GET risk`, remembered", f"{remembered:.1f} ms", f"without prices {without:.1f} ms", AIM),
        Figure("`GET portfolio`, remembered", f"{shown:.1f} ms", f"without prices {without:.1f} ms", AIM),
    ]
    return figures


def _unpriced() -> dict[str, object]:
    assets = [{"symbol": name, "type": "stock", "dollarAmount": 100} for name in symbols(HOLDINGS, 5000)]
    return {"name": "Unpriced", "assets": assets}


if __name__ == "__main__":
    print(*main(), sep="\n")
