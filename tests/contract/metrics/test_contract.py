"""The contract of metrics: the same calls, and what each adapter tells whoever looks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from math import isnan
from pathlib import Path
from typing import Any

import pytest

from foliolens.adapters.aws.emf_metrics import NAMES, EmfMetrics
from foliolens.adapters.local.prometheus_metrics import share
from foliolens.ports.metrics import EVENTS
from tests.emf import assert_follows_the_specification, facts_of_lines
from tests.prometheus import Facts, facts_of_page

Call = Sequence[object]
Tell = Callable[[Sequence[Call]], Facts]
"""Makes the calls and tells what can be read afterwards."""


def run(adapter: str, argument: str, calls: Sequence[Call], environment: dict[str, str]) -> str:
    return subprocess.run(
        [sys.executable, "-m", "tests.contract.metrics.calls", adapter, argument],
        input=json.dumps(calls),
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    ).stdout


def prometheus(data: Path) -> Tell:
    environment = dict(os.environ)
    share(data)
    os.environ.pop("PROMETHEUS_MULTIPROC_DIR")

    def tell(calls: Sequence[Call]) -> Facts:
        text = run("prometheus", str(data), calls=calls, environment=environment)
        return facts_of_page(text)

    return tell


def lines_of(calls: Sequence[Call], **environment: str) -> list[dict[str, Any]]:
    written = run("cloudwatch", "FolioLens/test", calls=calls, environment={**os.environ, **environment})
    return [json.loads(line) for line in written.splitlines()]


def cloudwatch(calls: Sequence[Call]) -> Facts:
    return facts_of_lines(lines_of(calls))


@pytest.fixture(params=["prometheus", "cloudwatch"])
def tell(request: pytest.FixtureRequest, tmp_path: Path) -> Tell:
    return prometheus(tmp_path) if request.param == "prometheus" else cloudwatch


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        (
            [
                ("served", "GET", "/v1/portfolios/{portfolioId}", 200, 0.25),
                ("served", "GET", "/v1/portfolios/{portfolioId}", 200, 0.5),
                ("served", "GET", "/v1/portfolios/{portfolioId}", 500, 1.0),
                ("served", "POST", "/v1/portfolios", 201, 0.125),
            ],
            {
                ("requests", "GET", "/v1/portfolios/{portfolioId}", "200"): 2,
                ("requests", "GET", "/v1/portfolios/{portfolioId}", "500"): 1,
                ("requests", "POST", "/v1/portfolios", "201"): 1,
                ("request seconds", "GET", "/v1/portfolios/{portfolioId}"): 1.75,
                ("request seconds", "POST", "/v1/portfolios"): 0.125,
            },
        ),
        (
            [
                ("worked", "object_created", "completed", 2.0),
                ("worked", "object_created", "failed", 0.5),
                ("worked", "object_created", "given-up", 0.25),
            ],
            {
                ("jobs", "object_created", "completed"): 1,
                ("jobs", "object_created", "failed"): 1,
                ("jobs", "object_created", "given-up"): 1,
                ("job seconds", "object_created"): 2.75,
            },
        ),
        (
            [
                ("asked", "Tiingo", "answered", 0.5),
                ("breaker", "Tiingo", "closed"),
                ("asked", "Tiingo", "failed", 1.5),
                ("breaker", "Tiingo", "open"),
                ("asked", "Tiingo", "paused", 0.0625),
                ("breaker", "Tiingo", "open"),
            ],
            {
                ("providers", "Tiingo", "answered"): 1,
                ("providers", "Tiingo", "failed"): 1,
                ("providers", "Tiingo", "paused"): 1,
                ("provider seconds", "Tiingo"): 2.0,
                ("breakers", "Tiingo", "open"): 1,
            },
        ),
        (
            [
                ("looked_up", "market", "hit"),
                ("looked_up", "market", "miss"),
                ("looked_up", "market", "stale"),
                ("looked_up", "sentiment", "hit", 150),
                ("looked_up", "sentiment", "miss", 0),
            ],
            {
                ("caches", "market", "hit"): 1,
                ("caches", "market", "miss"): 1,
                ("caches", "market", "stale"): 1,
                ("caches", "sentiment", "hit"): 150,
            },
        ),
        (
            [("inferred", "finbert", 0.5), ("inferred", "finbert", 0.25), ("inferred", "original", 0.125)],
            {
                ("models", "finbert"): 2,
                ("models", "original"): 1,
                ("model seconds", "finbert"): 0.75,
                ("model seconds", "original"): 0.125,
            },
        ),
        (
            [("happened", event) for event in (*EVENTS, "registration")],
            {("events", event): 2 if event == "registration" else 1 for event in EVENTS},
        ),
    ],
)
def test_what_is_called_can_be_read(tell: Tell, calls: Sequence[Call], expected: Facts) -> None:
    assert tell(calls) == expected


class TestAServer:
    """What Prometheus' adapter does beyond the contract."""

    def test_adds_up_what_its_processes_count(self, tmp_path: Path) -> None:
        tell = prometheus(tmp_path)
        calls = [("worked", "object_created", "completed", 1.0), ("happened", "upload-imported")]

        tell(calls)

        assert tell(calls) == {
            ("jobs", "object_created", "completed"): 2,
            ("job seconds", "object_created"): 2.0,
            ("events", "upload-imported"): 2,
        }

    def test_shows_a_state_as_the_last_process_saw_it(self, tmp_path: Path) -> None:
        tell = prometheus(tmp_path)

        tell([("breaker", "Polygon", "open"), ("queued", "uploads", 7, 90)])
        facts = tell([("breaker", "Polygon", "closed"), ("queued", "uploads", 3, 30)])

        assert facts == {
            ("breakers", "Polygon", "closed"): 1,
            ("waiting", "uploads"): 3,
            ("oldest", "uploads"): 30,
        }

    def test_does_not_show_an_old_depth_as_a_new_one(self, tmp_path: Path) -> None:
        tell = prometheus(tmp_path)

        tell([("queued", "uploads", 7, 90)])
        facts = tell([("queued", "uploads", None, None)])

        assert {fact: isnan(value) for fact, value in facts.items()} == {
            ("waiting", "uploads"): True,
            ("oldest", "uploads"): True,
        }

    def test_begins_with_zeros_for_what_has_not_happened_yet(self, tmp_path: Path) -> None:
        environment = dict(os.environ)
        share(tmp_path)
        os.environ.pop("PROMETHEUS_MULTIPROC_DIR")

        page = run("prometheus", str(tmp_path), calls=[], environment=environment)

        for event in EVENTS:
            assert f'foliolens_events_total{{event="{event}"}} 0.0' in page.splitlines()

    def test_is_not_disturbed_by_a_process_that_found_no_space(self, tmp_path: Path) -> None:
        tell = prometheus(tmp_path)
        program = (
            "import resource, sys\n"
            "from pathlib import Path\n"
            "from foliolens.adapters.local.prometheus_metrics import PrometheusMetrics, join\n"
            "join(Path(sys.argv[1]))\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"  # bytes of a file
            "PrometheusMetrics()\n"
        )

        ended = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path)], check=False, capture_output=True, text=True
        )

        assert "File too large" in ended.stderr
        assert tell([("happened", "registration")]) == {("events", "registration"): 1}


class TestCloudWatch:
    """What Lambda takes along beyond the contract."""

    CALLS: Sequence[Call] = (
        ("served", "GET", "/v1/stocks", 200, 0.25),
        ("asked", "Tiingo", "failed", 1.5),
        ("asked", "Tiingo", "answered", 0.5),
        ("asked", "Tiingo", "paused", 0.5),
        ("looked_up", "market", "hit", 3),
        ("looked_up", "market", "miss"),
        ("looked_up", "prices", "miss", 2),
        ("inferred", "finbert", 0.5),
        ("worked", "object_created", "completed", 2.0),
        *(("happened", event) for event in (*EVENTS, "registration")),
    )

    def test_is_one_line_with_few_metrics_and_no_dimension(self) -> None:
        (line,) = lines_of(self.CALLS)

        assert_follows_the_specification(line)
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        assert directive["Namespace"] == "FolioLens/test"
        assert directive["Dimensions"] == [[]]
        assert {metric["Name"]: line[metric["Name"]] for metric in directive["Metrics"]} == {
            "Registrations": [2],
            "PortfoliosCreated": [1],
            "PortfoliosDeleted": [1],
            "UploadsAccepted": [1],
            "UploadFailures": [0, 1],
            "RequestMilliseconds": [250],
            "ModelMilliseconds": [500],
            "ProviderFailures": [1, 0],
            "CacheHitPercent": [75, 0],
            "ColdStart": [1],
        }
        assert {metric["Name"] for metric in directive["Metrics"]} == NAMES

    @pytest.mark.parametrize("event", EVENTS)
    def test_names_no_metric_without_a_value(self, event: str) -> None:
        for line in lines_of([("happened", event)]):
            assert_follows_the_specification(line)

    def test_of_many_files_is_more_lines(self) -> None:
        lines = lines_of([("happened", "upload-imported")] * 150)

        for line in lines:
            assert_follows_the_specification(line)
        assert [len(line["UploadFailures"]) for line in lines] == [100, 50]

    def test_is_more_lines_where_one_would_hold_too_many_values(self) -> None:
        calls = [("served", "GET", "/v1/stocks", 200, 0.25)] * 250

        lines = lines_of(calls)

        for line in lines:
            assert_follows_the_specification(line)
        assert [len(line["RequestMilliseconds"]) for line in lines] == [100, 100, 50]
        assert facts_of_lines(lines)["requests", "GET", "/v1/stocks", "200"] == 250

    def test_tells_a_cold_start_once(self) -> None:
        lines = lines_of([("happened", "registration"), ("flush",), ("happened", "registration"), ("flush",)])

        assert [line.get("ColdStart") for line in lines] == [[1], None]

    def test_knows_that_an_environment_kept_warm_does_not_start_cold(self) -> None:
        warm = {"AWS_LAMBDA_INITIALIZATION_TYPE": "provisioned-concurrency"}

        assert lines_of([], **warm) == []

    def test_is_a_line_of_the_log_where_nothing_in_it_is_a_metric(self) -> None:
        warm = {"AWS_LAMBDA_INITIALIZATION_TYPE": "provisioned-concurrency"}

        (line,) = lines_of([("worked", "expireUploads", "completed", 0.5)], **warm)

        assert line == {"jobs": [{"kind": "expireUploads", "outcome": "completed", "milliseconds": 500}]}

    def test_forgets_a_rehearsal(self) -> None:
        (line,) = lines_of([("served", "GET", "/v1/stocks", 200, 0.25), ("forget",)])

        assert "RequestMilliseconds" not in line

    def test_is_written_after_each_invocation_and_after_one_that_fails(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        metrics = EmfMetrics("FolioLens/test")

        @metrics.reported
        def handler(event: str, _context: object) -> str:
            metrics.happened("registration")
            if event == "bad":
                raise ValueError(event)
            return event

        assert handler("good", None) == "good"
        with pytest.raises(ValueError, match="bad"):
            handler("bad", None)

        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [line["Registrations"] for line in lines] == [[1], [1]]
