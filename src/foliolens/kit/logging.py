"""Structured logs: one JSON object a line, or readable text on a terminal; never personal data.

Log calls pass facts through `extra`; what they may pass is ids, codes, counts and durations.
"""

import logging
import sys
from contextvars import ContextVar
from typing import Literal

from pythonjsonlogger.json import JsonFormatter

__all__ = ["configure_logging", "request_id"]

request_id: ContextVar[str] = ContextVar("request_id", default="-")
"""The id of the request or job being worked on; every log line and error body carries it."""


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
        else JsonFormatter(
            "{asctime}{levelname}{name}{message}{request_id}",
            style="{",
            rename_fields={"asctime": "time", "levelname": "level", "request_id": "requestId"},
        )
    )
    logging.getLogger("alembic.runtime.plugins").setLevel(logging.WARNING)  # a line for each plugin it has
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
