"""Milliseconds from the start of a function's process to its first answer, beside a bare handler, in one run.

Each function runs as Lambda runs it: from its package, under the real runtime client. They take turns, so
that whatever else the machine does meets all alike; medians count. Peak memory is of the process at its end.
`api` has a peer of its own: an empty application of the same libraries, which asks the database something.
Beside its start: what an environment takes that goes on from a snapshot, without what Lambda takes to bring
the memory back, and the first portfolio created in one, whose models are prepared then, beside the second.
"""

import json
import statistics
import tempfile
import time
import zipfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.aws import aws_environment, create_table, moto_server
from tests.gateway_events import rest_call, rest_post
from tests.lambda_runtime import running
from tests.postgres import cluster

from bench.figures import Figure
from bench.prediction import market
from foliolens.kit.migrations import migrate
from infra import packages

__all__ = ["main"]

ROUNDS = 9
BARE = """
def handler(event, context):
    return {"statusCode": 200, "body": "{}"}
"""
EMPTY_API = """
import os
import psycopg
from fastapi import FastAPI
from mangum import Mangum

app = FastAPI()
connection = psycopg.connect(os.environ["FOLIOLENS_DATABASE_URL"])


@app.get("/portfolios")
def portfolios():
    return {"one": connection.execute("SELECT 1").fetchone()[0]}


handler = Mangum(app, lifespan="off")
"""
CLAIMS = {
    "sub": "11111111-2222-4333-8444-555555555555",
    "email": "ada@example.com",
    "iat": "1795687200",
    "exp": "1795688100",
}


PORTFOLIO = {"name": "Mine", "assets": [{"symbol": "VTI", "dollarAmount": 1000}]}


@dataclass
class Function:
    """What is started, and with which event.

    Attributes:
        aim: Times the peer.
        peer: The name of the function it stands beside.
    """

    package: Path
    handler: str
    event: dict[str, Any]
    environment: Mapping[str, str] = field(default_factory=dict)
    peer: str = "bare"
    aim: str = ""
    milliseconds: list[float] = field(default_factory=list)
    peak_megabytes: list[float] = field(default_factory=list)


def start(function: Function) -> None:
    """Start it once and note what that took."""
    with tempfile.TemporaryDirectory(prefix="foliolens-cold-") as scratch, ExitStack() as stack:
        opened = running(function.package, function.handler, Path(scratch), function.environment)
        # Unpacking is not what Lambda does at a start: the clock begins when the process does.
        started = stack.enter_context(opened)
        begun = time.perf_counter()
        started.invoke(function.event)
        function.milliseconds.append((time.perf_counter() - begun) * 1000)
        status = Path(f"/proc/{started.process.pid}/status").read_text()
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        function.peak_megabytes.append(int(peak.split()[1]) / 1024)


def restore(function: Function) -> float:
    """Milliseconds from going on, in memory that was kept, to the first answer."""
    environment = {**function.environment, "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"}
    with (
        tempfile.TemporaryDirectory(prefix="foliolens-cold-") as scratch,
        running(function.package, function.handler, Path(scratch), environment) as started,
    ):
        started.reach_snapshot()
        begun = time.perf_counter()
        started.restore()
        started.invoke(function.event)
        return (time.perf_counter() - begun) * 1000


def create_twice(function: Function) -> tuple[float, float]:
    """Milliseconds that the first and the second portfolio take in an environment that has listed some."""
    with (
        tempfile.TemporaryDirectory(prefix="foliolens-cold-") as scratch,
        running(function.package, function.handler, Path(scratch), function.environment) as started,
    ):
        started.invoke(function.event)
        times = []
        for _ in range(2):
            event = rest_call(
                "POST", "/portfolios", json.dumps(PORTFOLIO), claims=CLAIMS, Authorization="Bearer x"
            )
            begun = time.perf_counter()
            answer = started.invoke(event)
            times.append((time.perf_counter() - begun) * 1000)
            assert answer["statusCode"] == 201, answer
        return times[0], times[1]


def main() -> list[Figure]:
    """Measure every function that is there."""
    with tempfile.TemporaryDirectory(prefix="foliolens-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        manifest = json.loads(
            packages.build(
                folder,
                functions=("api", "predict", "schedule", "sentiment", "uploads"),
                target=packages.host(),
            ).read_text()
        )
        url = stack.enter_context(cluster())
        migrate(url)
        endpoint = stack.enter_context(moto_server())
        cloud = {
            **aws_environment(endpoint),
            "FOLIOLENS_MODE": "aws",
            "FOLIOLENS_DATABASE_URL": url,
            "FOLIOLENS_AWS_BUCKET": "uploads",
            "FOLIOLENS_AWS_TABLE": create_table(),
        }
        functions = _functions(folder, cloud)
        for function in functions.values():
            start(function)  # once for the page cache, uncounted
            function.milliseconds.clear()
        restored, created = [], []
        for _ in range(ROUNDS):
            for function in functions.values():
                start(function)
            restored.append(restore(functions["api"]))
            created.append(create_twice(functions["api"]))
    first, second = (statistics.median(times) for times in zip(*created, strict=True))
    return [
        *(
            _figure(name, function, functions[function.peer], manifest["unzippedBytes"].get(name))
            for name, function in functions.items()
        ),
        Figure("`api`, from a snapshot that is back in memory", f"{statistics.median(restored):.0f} ms"),
        Figure("`api`, an environment's first portfolio", f"{first:.0f} ms", f"the second {second:.0f} ms"),
    ]


def _functions(folder: Path, cloud: Mapping[str, str]) -> dict[str, Function]:
    bare, empty = folder / "bare.zip", folder / "empty.zip"
    with zipfile.ZipFile(bare, "w") as archive:
        archive.writestr("bare.py", BARE)
    with zipfile.ZipFile(folder / "api.zip") as ours, zipfile.ZipFile(empty, "w") as archive:
        for entry in ours.infolist():
            if not entry.filename.startswith("foliolens/"):
                archive.writestr(entry, ours.read(entry))
        archive.writestr("empty.py", EMPTY_API)
    listing = rest_call("GET", "/portfolios", claims=CLAIMS, Authorization="Bearer x")
    asked = market(250)
    prediction = {
        "ticker": asked.ticker,
        **{name: getattr(asked, name).tolist() for name in ("close", "volume", "positive", "negative")},
        "sentiment": asked.sentiment.values.tolist(),
    }
    article = rest_post("/sentiment", json.dumps({"text": ["Profit rose."]}))
    nothing_arrived = {
        "Records": [
            {
                "messageId": "m",
                "receiptHandle": "r",
                "body": json.dumps({"Event": "s3:TestEvent"}),
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
            }
        ]
    }

    def ours(name: str, event: dict[str, Any], **more: Any) -> Function:
        return Function(folder / f"{name}.zip", f"foliolens.entrypoints.lambda_{name}.handler", event, **more)

    return {
        "bare": Function(bare, "bare.handler", {}),
        "empty FastAPI, Mangum, psycopg": Function(empty, "empty.handler", listing, cloud),
        "predict": ours("predict", rest_post("/predict", json.dumps(prediction)), aim="≤ 5×"),
        "uploads": ours("uploads", nothing_arrived, environment=cloud, aim="≤ 7×"),
        "schedule": ours("schedule", {"task": "clean"}, environment=cloud),
        "sentiment": ours(
            "sentiment",
            article,
            environment={"FOLIOLENS_MODE": "aws", "FOLIOLENS_SENTIMENT_MODEL": "embedded"},
        ),
        "api": ours(
            "api", listing, environment=cloud, peer="empty FastAPI, Mangum, psycopg", aim="≤ 1.3×, < 100 MB"
        ),
    }


def _figure(name: str, function: Function, peer: Function, unzipped: int | None) -> Figure:
    taken, beside = statistics.median(function.milliseconds), statistics.median(peer.milliseconds)
    size = "" if unzipped is None else f", {unzipped / 1e6:.0f} MB unzipped"
    ratio = "" if function is peer else f" ({taken / beside:.1f}×)"
    return Figure(
        f"`{name}`",
        f"{taken:.0f} ms{ratio}{size}, peak {statistics.median(function.peak_megabytes):.0f} MB",
        "" if function is peer else f"{function.peer} {beside:.0f} ms",
        function.aim,
    )
