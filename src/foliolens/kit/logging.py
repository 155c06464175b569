"""Structured logs: one JSON object a line, or readable text on a terminal; never personal data.

Log calls pass facts through `extra`; what they may pass is ids, codes, counts and durations.
"""

import hmac
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

import msgspec

__all__ = ["configure_logging", "hashed_user", "log_answer", "request_id", "user_id"]

_access = logging.getLogger("foliolens.access")

request_id: ContextVar[str] = ContextVar("request_id", default="-")
"""The id of the request or job being worked on; every log line and error body carries it."""


user_id: ContextVar[UUID | None] = ContextVar("user_id", default=None)
"""Whose request is being worked on; lines carry a keyed hash of it, never itself."""

_HASH_BYTES = 8

_STANDARD_FIELDS = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "request_id"}


class _JsonLines(logging.Formatter):
    """A JSON object for each record: what every record has, then the facts of `extra`."""

    def __init__(self, user_key: bytes | None) -> None:
        super().__init__()
        self._user_key = user_key
        self._encoder = msgspec.json.Encoder(enc_hook=str)

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "name": record.name,
            "message": record.getMessage(),
            "requestId": request_id.get(),
        }
        user = user_id.get()
        if user is not None and self._user_key is not None:
            line["user"] = hashed_user(user, self._user_key)
        line.update((name, fact) for name, fact in record.__dict__.items() if name not in _STANDARD_FIELDS)
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return self._encoder.encode(line).decode()


class _WithRequestId(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


def hashed_user(user: UUID, key: bytes) -> str:
    """What a user is called in the log: 8 bytes of HMAC-SHA256 (RFC 2104) of the id, in hexadecimal.

    Without the key nobody can tell whose it is by trying ids; it finds the lines of one person together.
    """
    return hmac.digest(key, user.bytes, "sha256")[:_HASH_BYTES].hex()


def log_answer(method: str, route: str, status: int | None, seconds: float) -> None:
    """Write the access log's line of a request; the status is None where nothing was answered."""
    facts = {"method": method, "route": route, "status": status, "durationMs": round(seconds * 1000, 2)}
    _access.info("%s %s %s", method, route, status, extra=facts)


def configure_logging(
    form: Literal["auto", "json", "text"] = "auto",
    level: int = logging.INFO,
    user_key: bytes | None = None,
) -> None:
    """Send the process's log to standard error.

    Args:
        form: `auto` writes text on a terminal and JSON elsewhere.
        level: The least severe level that is written.
        user_key: What users are hashed with; without it lines say nothing of users, as in text.
    """
    text = form == "text" or (form == "auto" and sys.stderr.isatty())
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_WithRequestId())
    handler.setFormatter(
        logging.Formatter("%(asctime)s %(levelname)-7s %(message)s [%(request_id)s]", "%H:%M:%S")
        if text
        else _JsonLines(user_key)
    )
    logging.getLogger("alembic.runtime.plugins").setLevel(logging.WARNING)  # a line for each plugin it has
    logging.getLogger("httpx").setLevel(logging.WARNING)  # a line with each URL, and what people search for
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
