"""What lines of CloudWatch's embedded metric format say, as plain facts, and whether they are well formed."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.prometheus import Facts

__all__ = ["assert_follows_the_specification", "facts_of_lines", "lines_of_log", "written"]

_EVENTS = {
    "Registrations": "registration",
    "PortfoliosCreated": "portfolio-created",
    "PortfoliosDeleted": "portfolio-deleted",
    "UploadsAccepted": "upload-accepted",
}


_OURS = re.compile(r'\{"(_aws|requests|jobs|providers|models|breakers|caches)"')


def facts_of_lines(lines: Iterable[Mapping[str, Any]]) -> Facts:
    """The facts of all lines together."""
    facts: defaultdict[tuple[str, ...], float] = defaultdict(float)
    for line in lines:
        for request in line.get("requests", ()):
            facts["requests", request["method"], request["route"], str(request["status"])] += 1
            facts["request seconds", request["method"], request["route"]] += request["milliseconds"] / 1000
        for job in line.get("jobs", ()):
            facts["jobs", job["kind"], job["outcome"]] += 1
            facts["job seconds", job["kind"]] += job["milliseconds"] / 1000
        for asked in line.get("providers", ()):
            facts["providers", asked["provider"], asked["outcome"]] += 1
            if asked["outcome"] != "paused":
                facts["provider seconds", asked["provider"]] += asked["milliseconds"] / 1000
        for provider, state in line.get("breakers", {}).items():
            facts["breakers", provider, state] = 1
        for cache, lookups in line.get("caches", {}).items():
            for outcome, times in lookups.items():
                facts["caches", cache, outcome] += times
        for run in line.get("models", ()):
            facts["models", run["engine"]] += 1
            facts["model seconds", run["engine"]] += run["milliseconds"] / 1000
        for name, event in _EVENTS.items():
            facts["events", event] += sum(line.get(name, ()))
        for failed in line.get("UploadFailures", ()):
            facts["events", "upload-failed" if failed else "upload-imported"] += 1
    return {fact: value for fact, value in facts.items() if value}


def lines_of_log(log: Path) -> list[dict[str, Any]]:
    """The lines of a function's log that its metrics wrote, those without any metric too."""
    lines = [line for line in log.read_text().splitlines() if _OURS.match(line)]
    return [json.loads(line) for line in lines]


@contextmanager
def written(log: Path) -> Iterator[list[dict[str, Any]]]:
    """The lines that are written while the block runs; to be read after it."""
    before = len(lines_of_log(log))
    lines: list[dict[str, Any]] = []
    yield lines
    lines += lines_of_log(log)[before:]


def assert_follows_the_specification(line: Mapping[str, Any]) -> None:
    """The rules of the specification's document structure that a writer can break."""
    about = line["_aws"]
    assert isinstance(about["Timestamp"], int)
    assert about["Timestamp"] > 1_700_000_000_000  # milliseconds
    assert about["CloudWatchMetrics"]
    for directive in about["CloudWatchMetrics"]:
        assert 1 <= len(directive["Namespace"]) <= 1024
        assert directive["Dimensions"]
        for dimensions in directive["Dimensions"]:
            assert len(dimensions) <= 30
            assert all(isinstance(line[name], str) for name in dimensions)
        assert 1 <= len(directive["Metrics"]) <= 100
        for metric in directive["Metrics"]:
            assert metric["Unit"] in {"Count", "Milliseconds", "Percent"}
            values = line[metric["Name"]]
            assert 1 <= len(values) <= 100
            assert all(type(value) in {int, float} for value in values)
