"""Settings from variables: groups of them, filled from the environment and a `.env` file.

A group is a class whose fields are variables; msgspec checks values against the fields' types and bounds.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, ClassVar, Literal, Self, get_args, get_origin

import msgspec

__all__ = ["Group", "Secret", "SettingsError", "listed"]

_TRUTHS = dict.fromkeys(("1", "on", "t", "true", "y", "yes"), True)
_TRUTHS |= dict.fromkeys(("0", "off", "f", "false", "n", "no"), False)


class SettingsError(ValueError):
    """Settings that cannot be used: each named, with what it must be, and never with its value."""


class Secret:
    """A text that is not shown where settings are printed."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return "Secret(...)"

    def reveal(self) -> str:
        """The text, for whom it is meant."""
        return self._text


class Group(msgspec.Struct, frozen=True):
    """Some settings that are used together: made by `read`, or of defaults and no variables by its name.

    A field is a `str`, `bool`, `int`, `float`, `Path` or a `Literal` of texts, or None, with bounds, examples
    and a meaning stated by `msgspec.Meta`. One of another type is annotated with the function that makes it
    of a text, and raises a ValueError which says what the text must be.

    Attributes:
        prefix: What the variables' names begin with; the fields' names follow, in any case.
    """

    prefix: ClassVar[str] = "FOLIOLENS_"

    @classmethod
    def read(cls, **stated: str) -> Self:
        """Read the environment, and the `.env` file of the working folder for what is not set there.

        Args:
            stated: Values of fields, as the environment would have them, which go before it.

        Raises:
            SettingsError: Variables are missing or malformed: all of the group's are named.
        """
        texts = dict(_variables(cls.prefix)) | stated
        values, problems = {}, []
        for field in msgspec.structs.fields(cls):
            variable = cls.prefix + field.name.upper()
            if field.name in texts:
                try:
                    values[field.name] = _value(field.type, texts[field.name])
                except ValueError as error:
                    problems.append(f"{variable} must be {error}.")
            elif field.required:
                problems.append(f"{variable} is not set.")
        if problems:
            raise SettingsError(" ".join(problems))
        return cls(**values)


def listed(text: str) -> tuple[str, ...]:
    """Take a list that is separated by commas apart."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _variables(prefix: str) -> Iterator[tuple[str, str]]:
    """What is set, by the fields' names: of two for one field the latter counts."""
    if Path(".env").is_file():
        from dotenv import dotenv_values  # noqa: PLC0415 - a function's package has no such file

        yield from _named(prefix, dotenv_values(".env").items())
    yield from _named(prefix, os.environ.items())


def _named(prefix: str, variables: Iterable[tuple[str, str | None]]) -> Iterator[tuple[str, str]]:
    for variable, text in variables:
        if text is not None and variable.upper().startswith(prefix):
            yield variable[len(prefix) :].lower(), text


def _value(kind: Any, text: str) -> object:
    """The text as a value of the type.

    Raises:
        ValueError: It is none; the message says what it must be.
    """
    plain, notes = _parts(kind)
    for note in notes:
        if callable(note):
            return note(text)
    try:
        return msgspec.convert(_READERS.get(plain, str)(text), kind)
    except ValueError:
        raise ValueError(_wanted(plain, notes)) from None


def _parts(kind: Any) -> tuple[Any, tuple[Any, ...]]:
    """A type without `Annotated` and None, and what it is annotated with."""
    if get_origin(kind) is Annotated:
        plain, notes = _parts(kind.__origin__)
        return plain, (*notes, *kind.__metadata__)
    if NoneType in get_args(kind):
        return _parts(get_args(kind)[0])
    return kind, ()


def _truth(text: str) -> bool:
    if text.lower() not in _TRUTHS:
        raise ValueError
    return _TRUTHS[text.lower()]


def _whole(text: str) -> int:
    whole, _, fraction = text.strip().partition(".")
    if fraction.strip("0"):
        raise ValueError
    return int(whole)


_READERS: dict[object, Callable[[str], object]] = {bool: _truth, int: _whole, float: float, Path: Path}
_NAMES = {bool: "true or false", int: "a whole number", float: "a number"}


def _wanted(kind: Any, bounds: Iterable[msgspec.Meta]) -> str:
    """What a text must be, in words."""
    words = [" or ".join(get_args(kind)) if get_origin(kind) is Literal else _NAMES.get(kind, "text")]
    meanings = []
    for bound in bounds:
        stated = {"at least": bound.ge, "above": bound.gt, "at most": bound.le}
        words += [f"{word} {limit}" for word, limit in stated.items() if limit is not None]
        words += [f"like {example}" for example in bound.examples or ()]
        meanings += [bound.description.removesuffix(".")] if bound.description else []
    return ". ".join([", ".join(words), *meanings])
