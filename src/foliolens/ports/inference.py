"""Costly calculations, run where they do not hold up other requests."""

from typing import Protocol, TypeVar

__all__ = ["Inference"]

Argument_contra = TypeVar("Argument_contra", contravariant=True)
Result_co = TypeVar("Result_co", covariant=True)


class Inference(Protocol[Argument_contra, Result_co]):
    """A function that computes for milliseconds to seconds, awaited by whoever serves requests meanwhile.

    Two adapters: a thread of this process, and the inference process beside a server.
    """

    async def __call__(self, argument: Argument_contra, /) -> Result_co:
        """Compute.

        Raises:
            FolioLensError: What the function itself raises.
            ServiceUnavailable: It cannot be reached, or ended before it answered.
            InternalError: It failed in a way that nobody foresaw; the log has the rest.
        """
        ...
