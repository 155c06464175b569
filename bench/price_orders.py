"""What a report of fifty symbols waits for on AWS until all of them are ordered.

Run with `python -m bench price_orders`. In place of DynamoDB a process answers each request after five
milliseconds, as AWS promises single digits: what is measured is how many of these a reader waits for, and
what boto3 takes beside. The peer claims one symbol after the other.
"""

import multiprocessing
import os
import socket
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bench.figures import Figure
from foliolens.adapters.aws import clients
from foliolens.adapters.aws.dynamodb_prices import DynamoDbPriceStore
from foliolens.adapters.aws.streamed_jobs import StreamedJobs
from foliolens.market.nightly_provider import NightlyProvider
from foliolens.market.price_orders import PriceOrders
from foliolens.market.series_cache import SeriesCache
from foliolens.market.stored_prices import StoredPrices
from foliolens.ports.clock import SystemClock

SYMBOLS = [f"SYM{number}" for number in range(50)]
ANSWER_SECONDS = 0.005
ROUNDS = 15


def main() -> list[Figure]:
    """Measure the first read of fifty symbols."""
    with _stand_in() as endpoint:
        os.environ |= {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": "bench",
            "AWS_SECRET_ACCESS_KEY": "bench",
            "AWS_DEFAULT_REGION": "eu-central-1",
        }
        clock = SystemClock()
        store = DynamoDbPriceStore("table", clock)
        orders = PriceOrders(store, StreamedJobs("table", clock), clock)
        reader = StoredPrices(store, NightlyProvider("Tiingo"), orders.request, clock, SeriesCache(100))

        def one_by_one() -> None:
            for symbol in SYMBOLS:
                store.claim([symbol], clock.now(), timedelta(minutes=10))

        one_by_one()  # connects
        read, claimed = [], []
        for _ in range(ROUNDS):
            read.append(_milliseconds(lambda: reader.read(SYMBOLS, date.min, date.max)))
            claimed.append(_milliseconds(one_by_one))
        clients.forget()
    return [
        Figure(
            "50 symbols looked up, claimed and ordered",
            f"{statistics.median(read):.0f} ms",
            f"their claims one by one {statistics.median(claimed):.0f} ms",
        )
    ]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(ANSWER_SECONDS)
        content = b'{"Responses": {}, "UnprocessedKeys": {}}'
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(content)}\r\n\r\n"
        self.wfile.write(head.encode() + content)

    def log_message(self, *args: Any) -> None:
        """Nothing."""


def _serve(port: "multiprocessing.Queue[int]") -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    port.put(server.server_address[1])
    server.serve_forever()


@contextmanager
def _stand_in() -> Iterator[str]:
    spawning = multiprocessing.get_context("spawn")
    port = spawning.Queue()
    process = spawning.Process(target=_serve, args=(port,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{port.get(timeout=30)}"
    finally:
        process.terminate()
        process.join()


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000
