"""Two answers to the same request, compared field by field."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from msgspec import Struct

__all__ = ["Answer", "Difference", "FieldReport", "differences", "fields_of"]

KEYS = "(order of keys)"
STATUS = "(status)"
BODY = "(body)"
_HORIZONS = frozenset({"next", "week", "month"})


class Answer(Struct, frozen=True):
    """What a service said.

    Attributes:
        status: Of HTTP.
        body: The decoded JSON; None where it was none.
        seconds: Until it was there.
    """

    status: int
    body: Any
    seconds: float


class Difference(Struct, frozen=True):
    """One field that is not the same.

    Attributes:
        field: Its path; a prediction's string is two fields, `next.score` and `next.class`.
        old: What the original said; None where it has no such field.
        new: What this one said.
        size: Of a difference between numbers; None between other things.
    """

    field: str
    old: Any
    new: Any
    size: float | None


class FieldReport(Struct):
    """One field over all requests.

    Attributes:
        compared: How often either answer had it.
        different: How often it differed by more than the tolerance.
        largest: The largest difference of its numbers, within the tolerance or not.
    """

    compared: int = 0
    different: int = 0
    largest: float = 0.0


def fields_of(body: Any) -> dict[str, Any]:
    """The leaves of an answer by their paths, the order of its keys among them."""
    leaves = dict(_leaves("", body))
    if isinstance(body, dict):
        leaves[KEYS] = ", ".join(body)
    return leaves


def differences(old: Answer, new: Answer) -> Iterator[Difference]:
    """Every field in which two answers differ at all, the smallest difference of a number included.

    Where one of them failed, only the statuses are compared: error bodies are not part of the contract.
    """
    if old.status != new.status:
        yield Difference(STATUS, old.status, new.status, None)
    if _failed(old) or _failed(new):
        return
    left, right = fields_of(old.body), fields_of(new.body)
    for name in [*left, *(name for name in right if name not in left)]:
        one, other = left.get(name), right.get(name)
        if name not in left or name not in right or not _same(one, other):
            yield Difference(name, one, other, _distance(one, other))


def _failed(answer: Answer) -> bool:
    return not 200 <= answer.status < 300


def _same(one: Any, other: Any) -> bool:
    """Equal, and of one kind: the clients' parsers tell the number 1 from the string "1"."""
    return one == other and _is_number(one) == _is_number(other)


def _distance(one: Any, other: Any) -> float | None:
    return float(abs(one - other)) if _is_number(one) and _is_number(other) else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(f"{path}.{name}" if path else name, inner)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _leaves(f"{path}[{place}]", inner)
    elif path in _HORIZONS and isinstance(value, str) and (parts := _prediction(value)) is not None:
        yield f"{path}.score", parts[0]
        yield f"{path}.class", parts[1]
    else:
        yield path or BODY, value


def _prediction(text: str) -> tuple[Decimal, str] | None:
    """The two parts of "score class"; None where the string is something else."""
    score, _, predicted = text.partition(" ")
    try:
        return Decimal(score), predicted
    except InvalidOperation:
        return None
