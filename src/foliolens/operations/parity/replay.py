"""Sends recorded requests to both sides and keeps count."""

import time
from collections.abc import Callable, Iterable
from typing import Any

import httpx
from msgspec import Struct, field

from foliolens.kit import json
from foliolens.operations.parity.comparison import (
    STATUS,
    Answer,
    Difference,
    FieldReport,
    differences,
    fields_of,
)
from foliolens.operations.parity.recording import Recorded, Service

__all__ = ["Example", "Report", "ServiceDown", "replay", "sender"]

_PATHS: dict[Service, str] = {"sentiment": "sentiment", "prediction": "predict"}
_BUSY = frozenset({429, 503})
_TRIES = 5
_LONGEST_WAIT = 60.0
_EXAMPLES = 20

Send = Callable[[Recorded], Answer]


class ServiceDown(Exception):
    """A service cannot be reached; the message says which and why."""


class Example(Struct, frozen=True):
    """A difference beyond the tolerance, and the line of the request."""

    line: int
    difference: Difference


class Report(Struct):
    """What came out.

    Attributes:
        requests: How many were sent to both sides, by service.
        different: How many of them differed by more than the tolerance.
        fields: By service and field.
        examples: The first differences.
        old_seconds: How long each answer of the originals took.
        new_seconds: ... and ours, in the same order.
    """

    requests: dict[Service, int] = field(default_factory=dict)
    different: int = 0
    fields: dict[tuple[Service, str], FieldReport] = field(default_factory=dict)
    examples: list[Example] = field(default_factory=list)
    old_seconds: dict[Service, list[float]] = field(default_factory=dict)
    new_seconds: dict[Service, list[float]] = field(default_factory=dict)

    @property
    def sent(self) -> int:
        """Requests of all services."""
        return sum(self.requests.values())


def replay(recorded: Iterable[Recorded], old: Send, new: Send, *, tolerance: float) -> Report:
    """Send each request to both sides, in turns of who is first, and compare the answers.

    Args:
        recorded: The requests.
        old: Asks an original.
        new: Asks this system.
        tolerance: The largest difference of a number that counts as none.

    Raises:
        ServiceDown: One cannot be reached.
    """
    report = Report()
    for turn, request in enumerate(recorded):
        # Whoever is asked second finds the network warm: each side is, half of the time.
        if turn % 2:
            new_answer, old_answer = new(request), old(request)
        else:
            old_answer, new_answer = old(request), new(request)
        _count(report, request, old_answer, new_answer, tolerance)
    return report


def _count(report: Report, request: Recorded, old: Answer, new: Answer, tolerance: float) -> None:
    service = request.service
    report.requests[service] = report.requests.get(service, 0) + 1
    report.old_seconds.setdefault(service, []).append(old.seconds)
    report.new_seconds.setdefault(service, []).append(new.seconds)
    for name in dict.fromkeys([STATUS, *fields_of(old.body), *fields_of(new.body)]):
        report.fields.setdefault((service, name), FieldReport()).compared += 1
    beyond = False
    for difference in differences(old, new):
        counted = report.fields[service, difference.field]
        counted.largest = max(counted.largest, difference.size or 0.0)
        if difference.size is None or difference.size > tolerance:
            counted.different += 1
            beyond = True
            if len(report.examples) < _EXAMPLES:
                report.examples.append(Example(request.line, difference))
    report.different += beyond


def sender(
    client: httpx.Client, addresses: dict[Service, str], add: dict[Service, dict[str, Any]] | None = None
) -> Send:
    """Asks the service of each request, patiently where it says that it is busy.

    Args:
        client: What speaks HTTP; its headers go with every request.
        addresses: Where each service is asked.
        add: Fields for the body of a service's requests, where they do not name them themselves.
    """

    def send(request: Recorded) -> Answer:
        content = json.encode({**(add or {}).get(request.service, {}), **request.body})
        address = addresses[request.service]
        for left in reversed(range(_TRIES)):
            begun = time.perf_counter()
            try:
                answer = client.post(address, content=content)
            except httpx.HTTPError as error:
                raise ServiceDown(f"{address}: {type(error).__name__}: {error}") from error
            seconds = time.perf_counter() - begun
            if answer.status_code not in _BUSY or not left:
                break
            time.sleep(_pause(answer))
        return Answer(answer.status_code, _body(answer), seconds)

    return send


def _pause(answer: httpx.Response) -> float:
    stated = answer.headers.get("retry-after", "")
    return min(float(stated), _LONGEST_WAIT) if stated.isdigit() else 1.0


def _body(answer: httpx.Response) -> Any:
    try:
        return json.decode(answer.content)
    except json.JsonError:
        return None
