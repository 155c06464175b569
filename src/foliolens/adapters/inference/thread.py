"""Inference in a thread of this process: for one-process use, as in a function on AWS."""

import asyncio
from collections.abc import Callable
from typing import Any

__all__ = ["ThreadInference"]


class ThreadInference:
    """Runs a function in a thread, so that the event loop goes on.

    Args:
        calculate: The function; thread-safe where several are under way.
    """

    def __init__(self, calculate: Callable[[Any], Any]) -> None:
        self._calculate = calculate

    async def __call__(self, argument: Any, /) -> Any:
        """Compute; raises what the function raises."""
        return await asyncio.to_thread(self._calculate, argument)
