"""Whether a process can do its work, part by part."""

from collections.abc import Callable, Mapping

from foliolens.errors import NotReady, ServiceUnavailable

__all__ = ["Check", "check_all", "check_workers"]

_PATIENCE = 30.0
"""Seconds beyond a job's lease in which its worker may say nothing."""

Check = Callable[[], str]
"""Tells the state of a part in a word; raises `ServiceUnavailable` while it cannot be used."""


def check_all(checks: Mapping[str, Check]) -> dict[str, str]:
    """The state of every part.

    Args:
        checks: By the name of the part.

    Raises:
        NotReady: Some cannot be used; it names all of them.
    """
    states: dict[str, str] = {}
    failed: dict[str, str] = {}
    for name, check in checks.items():
        try:
            states[name] = check()
        except ServiceUnavailable as error:
            failed[name] = error.message
    if failed:
        raise NotReady(failed)
    return states


def check_workers(silence: Callable[[str], float | None], leases: Mapping[str, float]) -> str:
    """Whether each queue has a worker that reaches it; tells that they are ready.

    Args:
        silence: Seconds since a queue's workers last showed a sign of life; None where none ever did.
        leases: How long a job of each queue may take, in seconds.

    Raises:
        ServiceUnavailable: One has none, or one that hangs.
    """
    for queue, lease in leases.items():
        seconds = silence(queue)
        if seconds is None or seconds > lease + _PATIENCE:
            raise ServiceUnavailable(f"Nobody works on the queue of {queue}.")
    return "ready"
