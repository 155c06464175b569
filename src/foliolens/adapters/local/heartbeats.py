"""When each worker of a machine last showed a sign of life, as the times of files."""

import time
from contextlib import suppress
from pathlib import Path

__all__ = ["Heartbeats"]


class Heartbeats:
    """Signs of life, for all processes that share the folder.

    Args:
        folder: Is made where it is not there.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder

    def beat(self, name: str) -> None:
        """Show one, if that is possible: a full disk keeps no worker from its work."""
        with suppress(OSError):
            (self._folder / name).touch(mode=0o600)

    def silence(self, name: str) -> float | None:
        """Seconds since the last; None where there was none."""
        try:
            last = (self._folder / name).stat().st_mtime
        except FileNotFoundError:
            return None
        return max(0.0, time.time() - last)
