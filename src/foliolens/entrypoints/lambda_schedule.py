"""The function behind EventBridge's rules: what is overdue is closed, what is old is removed.

Lambda imports an entry point to start it; so this module, unlike others, is ready when it is imported.
"""

from foliolens.entrypoints.starting import start, started

start()

import logging
import time
from typing import Any

from foliolens.bootstrap_aws import function_metrics, scheduled_tasks
from foliolens.kit.logging import configure_logging

__all__ = ["handler"]

_log = logging.getLogger(__name__)

configure_logging("json")
_tasks = scheduled_tasks()
_metrics = function_metrics()


@_metrics.reported
def handler(event: dict[str, Any], _context: object) -> dict[str, int]:
    """Do every task of the event's group, each whatever became of the others.

    Returns:
        What each removed, closed or ordered.

    Raises:
        RuntimeError: Some failed, or there is no such group; EventBridge tries again, and an alarm tells.
    """
    group = _tasks.get(event["task"])
    if group is None:
        raise RuntimeError(f"there is no task {event['task']!r}: choose one of {', '.join(_tasks)}")
    done: dict[str, int] = {}
    failed = []
    for name, task in group.items():
        started = time.perf_counter()
        try:
            done[name] = task()
        except Exception:
            _log.exception("the task %s failed", name)
            failed.append(name)
        _metrics.worked(name, "completed" if name in done else "failed", time.perf_counter() - started)
    _log.info("scheduled tasks are done", extra={"tasks": done})
    if failed:
        raise RuntimeError(f"these tasks failed: {', '.join(failed)}")
    return done


started()
