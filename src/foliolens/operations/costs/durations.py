"""How long the functions took where they were measured, and what that is on Lambda."""

from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

__all__ = ["Durations", "Measured", "ModelName", "measured_durations"]

ModelName = Literal["embedded", "finbert"]

_CORE_MB = 1769
"""The memory that comes with one core; less memory is a share of it."""


class _Stated(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True, extra="forbid")


class Measured(_Stated):
    """One function, on a whole core.

    Attributes:
        start_ms: Processor time from the start of its process until it can take an event.
        request_ms: Of one warm invocation, without what `sentence_ms` counts.
        sentence_ms: For each sentence of the article.
    """

    start_ms: float
    request_ms: float
    sentence_ms: float = 0

    def billed_ms(self, memory_mb: int, *, sentences: int, cold_share: float) -> float:
        """The mean duration Lambda bills, its start included where one was needed.

        Args:
            memory_mb: Of the function.
            sentences: Of an article.
            cold_share: Of the invocations that start an environment.
        """
        busy = self.request_ms + self.sentence_ms * sentences + self.start_ms * cold_share
        return busy / min(1.0, memory_mb / _CORE_MB)


class Durations(_Stated):
    """What `python -m bench function_durations` wrote down.

    Attributes:
        machine: On what.
        sentiment: By model.
        predict: A request of 250 days.
    """

    measured_on: date
    machine: str
    sentiment: dict[ModelName, Measured]
    predict: Measured


def measured_durations() -> Durations:
    """The durations that come with the installation."""
    return Durations.model_validate_json(Path(__file__).with_name("durations.json").read_bytes())
