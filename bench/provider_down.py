"""Latency of a portfolio route while a provider of market data hangs, beside the same while it is well.

One HTTP process with the settings it has by default, but for the quota. One client reads a portfolio, request
after request, while others ask for market data that nobody asked for before: of a provider that answers at
once, then of one that takes requests and never answers. Several rounds in turn; medians of rounds.
"""

import asyncio
import itertools
import statistics
from collections.abc import Iterator, Sequence

from tests import providers
from tests.api.conftest import Server, running_server, signed_up
from tests.api.exchanges import create_portfolio, holding, portfolio

from bench.figures import Figure
from bench.load import Client, Load, request, run_beside

__all__ = ["main"]

CALLERS = 16
THINK = 0.05
ROUNDS = 5
SECONDS = 4.0
AIM = 1.5

_words = itertools.count()


def _questions(server: Server) -> Iterator[bytes]:
    """Searches that are in no cache."""
    for number in _words:
        yield request(f"{server.url}/v1/search?query=company+{number}", {})


def _measured(server: Server, read: bytes, callers: int) -> list[Load]:
    """Load of the portfolio's reader, and of those who ask for market data."""
    reader = Client(itertools.repeat(read))
    asking = [Client(_questions(server), think=THINK, patient=False) for _ in range(callers)]
    return asyncio.run(run_beside(server.url, [[reader], asking], SECONDS))


def main() -> list[Figure]:
    """Measure both, and the portfolio route alone."""
    alone: list[Load] = []
    well: list[Load] = []
    hanging: list[Load] = []
    with (
        providers.running_both() as (tiingo, polygon),
        running_server(auto_confirm="true", **providers.settings_for(tiingo, polygon)) as server,
        signed_up(server) as user,
    ):
        assets = [holding(f"S{number}", 1000 + 37 * number, type="stock") for number in range(20)]
        created = create_portfolio(user.client, **portfolio("Watched", *assets))
        authorization = {"Authorization": user.client.headers["Authorization"]}
        read = request(f"{server.url}/v1/portfolios/{created['id']}", authorization)
        for _ in range(ROUNDS):
            for loads, fault, callers in (
                (alone, None, 0),
                (well, None, CALLERS),
                (hanging, providers.Hang(), CALLERS),
            ):
                tiingo.down = fault
                mine, _others = _measured(server, read, callers)
                assert mine.failures == 0
                loads.append(mine)
    return [
        Figure(
            f"a portfolio, while {CALLERS} callers ask a provider that hangs",
            f"{_latencies(hanging)}; p99 {_ratio(hanging, well):.2f} of the peer's",
            f"while it is well: {_latencies(well)}; nobody asks: {_latencies(alone)}",
            f"p99 ≤ {AIM} of the peer's",
        )
    ]


def _ratio(mine: Sequence[Load], peer: Sequence[Load]) -> float:
    return statistics.median(
        one.latency(0.99) / other.latency(0.99) for one, other in zip(mine, peer, strict=True)
    )


def _latencies(loads: Sequence[Load]) -> str:
    half, most = (
        statistics.median(values)
        for values in zip(*((one.latency(0.5), one.latency(0.99)) for one in loads), strict=True)
    )
    return f"p50 {half:.1f} ms, p99 {most:.1f} ms"


if __name__ == "__main__":
    print(*main(), sep="\n")
