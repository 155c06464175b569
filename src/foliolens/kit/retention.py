"""The clean-up that runs beside the server: what is overdue is closed, what is old is removed."""

import logging
import threading
from collections.abc import Callable, Sequence

from foliolens.kit.database import Database

__all__ = ["Retention", "forget_dead_letters", "forget_idempotency_keys"]

_log = logging.getLogger(__name__)

_DEAD_LETTER_DAYS = 30
_KEY_HOURS = 24


def forget_idempotency_keys(database: Database) -> int:
    """Remove idempotency keys past their lifetime; returns how many."""
    with database.system() as transaction:
        return transaction.execute(
            "DELETE FROM idempotency_keys WHERE created_at < now() - make_interval(hours => %s)",
            (_KEY_HOURS,),
        ).rowcount


def forget_dead_letters(database: Database) -> int:
    """Remove dead letters that nobody wanted back for a month; returns how many."""
    with database.system() as transaction:
        return transaction.execute(
            "DELETE FROM dead_jobs WHERE died_at < now() - make_interval(days => %s)", (_DEAD_LETTER_DAYS,)
        ).rowcount


class Retention:
    """Runs its tasks at an interval, until stopped; one task's fault keeps no other from running.

    Args:
        tasks: Each does its part and returns how many things it removed or closed.
        interval_seconds: Pause between two rounds.
    """

    def __init__(self, tasks: Sequence[Callable[[], int]], *, interval_seconds: float = 60.0) -> None:
        self._tasks = tasks
        self._interval = interval_seconds
        self._stopping = threading.Event()

    def run(self) -> None:
        """Work until `stop` is called."""
        while not self._stopping.wait(self._interval):
            self.run_once()

    def run_once(self) -> None:
        """One round of all tasks, or as many as there is time for."""
        for task in self._tasks:
            if self._stopping.is_set():
                return
            try:
                task()
            except Exception:
                _log.exception("a retention task failed")

    def stop(self) -> None:
        """Finish the present task, then return from `run`."""
        self._stopping.set()
