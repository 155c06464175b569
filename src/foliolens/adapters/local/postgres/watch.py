"""Starting a server again that died while it was needed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from foliolens.adapters.local.postgres.errors import EmbeddedPostgresError
from foliolens.adapters.local.postgres.server import EmbeddedPostgres

__all__ = ["kept_running"]

_log = logging.getLogger(__name__)

_CHECK = 0.2  # seconds
_LONGEST_PAUSE = 5.0  # seconds between two attempts, when the disk is full for example


@contextmanager
def kept_running(server: EmbeddedPostgres) -> Iterator[None]:
    """While the block lasts, start a started server again whenever it died.

    PostgreSQL recovers by itself from the death of any of its processes but the first, and from a full disk
    only by a start once there is space again.
    """
    ending = threading.Event()
    watch = threading.Thread(target=_watch, args=(server, ending), name="embedded-postgres-watch")
    watch.start()
    try:
        yield
    finally:
        ending.set()
        watch.join()


def _watch(server: EmbeddedPostgres, ending: threading.Event) -> None:
    pause = _CHECK
    while not ending.wait(pause):
        try:
            if server.revive():
                _log.warning("PostgreSQL had died and was started again")
            pause = _CHECK
        except EmbeddedPostgresError as error:
            _log.error("PostgreSQL died and does not start: %s", error)
            pause = min(2 * pause, _LONGEST_PAUSE)
