"""What 64 clients of sentiment and prediction do to the portfolio routes of the same server.

Eight people page through their portfolios, with pauses; then the same beside 32 clients that send articles of
20 new sentences to the embedded model and 32 that ask for predictions of 250 days, each as soon as it was
answered. Clients wait as long as a refusal's `Retry-After` says, and in a further variant they do not. Short
phases take turns, so that whatever else the machine does meets all of them.
"""

import asyncio
import itertools
import json
import multiprocessing
import random
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from tests.api.conftest import running_server

from bench.figures import Figure
from bench.http_routes import filled
from bench.load import Client, Load, merged, request, run, run_beside

__all__ = ["main"]

ROUNDS = 10
SECONDS = 3.0
LEAD = 1.5  # seconds that the 64 clients are at work before anything is measured
PEOPLE = 8
THINK = 0.04
CLIENTS = 32
SENTENCES = 20
DAYS = 250

_SUBJECTS = ("Operating profit", "Net sales", "The order book", "Free cash flow", "The margin")
_VERBS = ("rose", "fell", "slipped", "grew", "was unchanged")
_PLACES = ("Asia", "Europe", "Poland", "India", "Brazil")


def articles(url: str) -> Iterator[bytes]:
    """Requests with sentences that nobody sent before."""
    dice = random.Random()
    for number in itertools.count():
        sentences = [
            f"{dice.choice(_SUBJECTS)} of the group {dice.choice(_VERBS)} to EUR {dice.uniform(1, 900):.3f}"
            f" million from EUR {dice.uniform(1, 900):.3f} million, with demand in {dice.choice(_PLACES)} as"
            " the main reason."
            for _ in range(SENTENCES)
        ]
        body = json.dumps({"text": sentences, "hash": number}).encode()
        yield request(f"{url}/v1/sentiment", {}, body)


def price_histories(url: str) -> Iterator[bytes]:
    """Requests with one random walk."""
    dice = random.Random()
    walk = list(itertools.accumulate((dice.gauss(0, 1) for _ in range(DAYS)), initial=500))[1:]
    body = {
        "ticker": "AAPL",
        "close": [round(close, 2) for close in walk],
        "volume": [dice.randrange(10**6, 10**8) for _ in walk],
        "positive": [dice.randrange(9) for _ in walk],
        "negative": [dice.randrange(9) for _ in walk],
        "sentiment": [dice.randrange(4) for _ in walk],
    }
    return itertools.repeat(request(f"{url}/v1/predict", {}, json.dumps(body).encode()))


def infer(url: str, seconds: float, patient: bool) -> tuple[Load, Load]:
    """Send articles and price histories; runs in a process of its own."""
    kinds = [
        [Client(kind(url), patient=patient) for _ in range(CLIENTS)] for kind in (articles, price_histories)
    ]
    sentiment, prediction = asyncio.run(run_beside(url, kinds, seconds))
    return sentiment, prediction


def browse(url: str, headers: dict[str, str], portfolio_id: str, seconds: float) -> Load:
    """Ask for the list of portfolios, one of them, and its risk report."""
    pages = [
        request(f"{url}/v1/portfolios{page}", headers)
        for page in ("", f"/{portfolio_id}", f"/{portfolio_id}/risk")
    ]
    dice = random.Random()
    return run(
        url, [Client(iter(lambda: dice.choice(pages), None), think=THINK) for _ in range(PEOPLE)], seconds
    )


def main() -> list[Figure]:
    """Measure the portfolio routes alone and beside the clients, in turns."""
    alone: list[Load] = []
    beside: dict[bool, list[tuple[Load, Load, Load]]] = {True: [], False: []}
    with (
        running_server(auto_confirm="true", inference_patience="2") as server,  # as by default
        ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as elsewhere,
    ):
        _, headers, portfolio_id = filled(server)
        elsewhere.submit(infer, server.url, 1.0, True).result()  # loads the models
        repeated = run(server.url, [Client(itertools.repeat(next(articles(server.url))))], SECONDS)
        for _ in range(ROUNDS):
            alone.append(browse(server.url, headers, portfolio_id, SECONDS))
            for patient, loads in beside.items():
                sent = elsewhere.submit(infer, server.url, LEAD + SECONDS, patient)
                time.sleep(LEAD)
                browsed = browse(server.url, headers, portfolio_id, SECONDS)
                loads.append((browsed, *sent.result()))
    quiet = merged(alone)
    return [
        Figure(
            "an article again and again, over HTTP",
            f"p50 {repeated.latency(0.5):.1f} ms, p99 {repeated.latency(0.99):.1f} ms",
            aim="2 ms",
        ),
        *(
            _figure(patient, quiet, [merged(kind) for kind in zip(*loads, strict=True)])
            for patient, loads in beside.items()
        ),
    ]


def _figure(patient: bool, quiet: Load, loads: list[Load]) -> Figure:
    browsed, sentiment, prediction = loads
    assert browsed.failures == quiet.failures == 0
    ratio = browsed.latency(0.99) / quiet.latency(0.99)
    return Figure(
        f"portfolio routes beside 64 clients that {'heed' if patient else 'ignore'} Retry-After",
        f"p50 {browsed.latency(0.5):.1f} ms, p99 {browsed.latency(0.99):.1f} ms, **{ratio:.1f}× alone**;"
        f" sentiment {_answered(sentiment)}; predictions {_answered(prediction)}",
        f"alone p50 {quiet.latency(0.5):.1f} ms, p99 {quiet.latency(0.99):.1f} ms",
        "p99 ≤ 2× alone",
    )


def _answered(load: Load) -> str:
    refused = len(load.refusals) / load.seconds
    assert load.failures == 0
    return f"{load.rate:.0f}/s in p50 {load.latency(0.5):.0f} ms, {refused:.0f}/s refused"


if __name__ == "__main__":
    print(*main(), sep="\n")
