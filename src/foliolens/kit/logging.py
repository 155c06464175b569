"""Structured logs: one JSON object a line, or readable text on a terminal; never personal data.

Log calls pass facts through `extra`; what they may pass is ids, codes, counts and durations.
"""

import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Literal

import msgspec

__all__ = ["configure_logging", "request_id"]

request_id: ContextVar[str] = ContextVar("request_id", default="-")
"""The id of the request or job being worked on; every log line and error body carries it."""


_STANDARD_FIELDS = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "request_id"}


class _JsonLines(logging.Formatter):
    """A JSON object for each record: what every record has, then the facts of `extra`."""

    def __init__(self) -> None:
        super().__init__()
        self._encoder = msgspec.json.Encoder(enc_hook=str)

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "name": record.name,
            "message": record.getMessage(),
            "requestId": request_id.get(),
        }
        line.update((name, fact) for name, fact in record.__dict__.items() if name not in _STANDARD_FIELDS)
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return self._encoder.encode(line).decode()


class _WithRequestId(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


def configure_logging(form: Literal["auto", "json", "text"] = "auto", level: int = logging.INFO) -> None:
    """Send the process's log to standard error.

    Args:
        form: `auto` writes text on a terminal and JSON elsewhere.
        level: The least severe level that is written.
    """
    text = form == "text" or (form == "auto" and sys.stderr.isatty())
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_WithRequestId())
    handler.setFormatter(
        logging.Formatter("%(asctime)s %(levelname)-7s %(message)s [%(request_id)s]", "%H:%M:%S")
        if text
        else _JsonLines()
    )
    logging.getLogger("alembic.runtime.plugins").setLevel(logging.WARNING)  # a line for each plugin it has
    logging.getLogger("httpx").setLevel(logging.WARNING)  # a line with each URL, and what people search for
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
