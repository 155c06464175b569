"""The file of recorded requests: one JSON object a line."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from foliolens.kit import json

__all__ = ["Recorded", "RecordingError", "Service", "read_recording"]

Service = Literal["sentiment", "prediction"]


class RecordingError(ValueError):
    """A line is not a recorded request; the message says which and why."""


class Recorded(Struct, frozen=True):
    """One request.

    Attributes:
        line: Where it stands in the file, from 1.
        service: Who it is for.
        body: As the client sent it.
    """

    line: int
    service: Service
    body: dict[str, Any]


def read_recording(path: Path) -> Iterator[Recorded]:
    """The requests of a file, blank lines left out.

    A line is the body itself, whose fields tell the service: `text` asks for a sentiment, `close` for a
    prediction.

    Raises:
        RecordingError: A line is no such body.
        OSError: The file cannot be read.
    """
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _recorded(number, line)


def _recorded(number: int, line: bytes) -> Recorded:
    try:
        body = json.decode(line)
    except json.JsonError as error:
        raise RecordingError(f"line {number} is not valid JSON: {error}") from error
    if isinstance(body, dict):
        if "text" in body:
            return Recorded(number, "sentiment", body)
        if "close" in body:
            return Recorded(number, "prediction", body)
    raise RecordingError(f"line {number} has neither `text` (a sentiment) nor `close` (a prediction)")
