"""Points in time as DynamoDB compares them: whole microseconds since 1970."""

from datetime import UTC, datetime, timedelta

__all__ = ["moment", "number"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def number(time: datetime) -> str:
    """A time as the text of a number attribute."""
    return str((time - _EPOCH) // _MICROSECOND)


def moment(text: str) -> datetime:
    """The time that such a text stands for, in UTC."""
    return _EPOCH + int(text) * _MICROSECOND
