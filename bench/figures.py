"""How a benchmark states what it measured."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Figure", "quantile", "table"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement.

    Attributes:
        name: What was measured.
        value: The result with its unit.
        peer: What stands beside it, with its result, from the same run.
        aim: What it should be.
    """

    name: str
    value: str
    peer: str = ""
    aim: str = ""


def quantile(values: Sequence[float], part: float) -> float:
    """The value that `part` of all values do not exceed.

    Args:
        values: At least one.
        part: Between 0 and 1.
    """
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def table(figures: Iterable[Figure]) -> str:
    """The figures as a Markdown table."""
    rows = [("figure", "result", "peer in the same run", "aim"), ("---", "---", "---", "---")]
    rows += [(figure.name, figure.value, figure.peer, figure.aim) for figure in figures]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
