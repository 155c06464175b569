"""Spans as subsegments of the segment that Lambda sends to X-Ray, over UDP to the daemon that Lambda runs.

Source: "X-Ray segment documents" of the X-Ray developer guide. Lambda decides whether an invocation is
traced, and tells it by a variable; where it is not, nothing is made.

A sender of our own: Powertools' stands on AWS's X-Ray SDK, which gets only security fixes since 2026-02.
"""

import os
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from foliolens.kit import json
from foliolens.ports.tracing import NO_TRACING, Attributes, Span, SpanKind

__all__ = ["XRayTracing"]

_HEADER = b'{"format":"json","version":1}\n'
_DAEMON = "AWS_XRAY_DAEMON_ADDRESS"
_PRESENT = "_X_AMZN_TRACE_ID"
_VARIABLE = re.compile(r"\{(\w+)\}")
_NOT_IN_NAMES = re.compile(r"[^\w\s.:/%&#=+@-]")
_NOT_IN_ANNOTATIONS = re.compile(r"\W")


class _Subsegment:
    """See `Span`; also what X-Ray is told."""

    def __init__(self, trace: str, parent: str, name: str, attributes: Attributes) -> None:
        self.id = os.urandom(8).hex()
        self.trace = trace
        self._parent = parent
        self._started = time.time()
        self._annotations: dict[str, str | int] = {}
        self.told(name, attributes)

    def told(self, name: str, attributes: Attributes, *, failed: bool = False) -> None:
        """See `Span.told`."""
        self._name = _NOT_IN_NAMES.sub("_", _VARIABLE.sub(r":\1", name))
        self._annotations |= {_NOT_IN_ANNOTATIONS.sub("_", key): value for key, value in attributes.items()}
        self._failed = failed

    def document(self) -> dict[str, Any]:
        """The subsegment, ended now."""
        return {
            "type": "subsegment",
            "name": self._name,
            "id": self.id,
            "trace_id": self.trace,
            "parent_id": self._parent,
            "start_time": self._started,
            "end_time": time.time(),
            "fault": self._failed,
            "annotations": self._annotations,
        }


class XRayTracing:
    """See `Tracing`. A daemon that is away, or a full buffer, costs a span and nothing else."""

    def __init__(self) -> None:
        self._present: ContextVar[_Subsegment | None] = ContextVar("subsegment", default=None)

    @contextmanager
    def span(
        self,
        name: str,
        kind: SpanKind,
        attributes: Attributes,
        *,
        parent: str | None = None,  # noqa: ARG002 - what a client names is the gateway's to read
    ) -> Iterator[Span]:
        """See `Tracing.span`."""
        around = self._present.get()
        place = _traced() if around is None else (around.trace, around.id)
        if place is None:
            with NO_TRACING.span(name, kind, attributes) as none:
                yield none
            return
        present = _Subsegment(*place, name, attributes)
        token = self._present.set(present)
        try:
            yield present
        except BaseException as error:
            present.told(name, {"error.type": type(error).__name__}, failed=True)
            raise
        finally:
            self._present.reset(token)
            _send(present.document())

    def context(self) -> str | None:
        """See `Tracing.context`."""
        present = self._present.get()
        if present is None:
            return None
        _, moment, rest = present.trace.split("-")
        return f"00-{moment}{rest}-{present.id}-01"


def _traced() -> tuple[str, str] | None:
    """The trace of this invocation and the segment in it; None where nobody is to know of it."""
    stated = dict(pair.split("=", 1) for pair in os.environ.get(_PRESENT, "").split(";") if "=" in pair)
    if stated.get("Sampled") != "1" or not {"Root", "Parent"} <= stated.keys():
        return None
    return stated["Root"], stated["Parent"]


def _send(document: dict[str, Any]) -> None:
    host, _, port = os.environ.get(_DAEMON, "").partition(":")
    if not port:
        return
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            sender.sendto(_HEADER + json.encode(document), (host, int(port)))
    except OSError:
        pass
