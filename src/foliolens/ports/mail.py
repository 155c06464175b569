"""Mail: how codes reach people."""

from dataclasses import dataclass
from typing import Protocol

__all__ = ["Mail", "Message"]


@dataclass(frozen=True, slots=True)
class Message:
    """A plain-text message to one person."""

    to: str
    subject: str
    body: str


class Mail(Protocol):
    """Hands a message over for delivery."""

    def send(self, message: Message) -> None:
        """Accept a message durably; delivery happens later.

        Raises:
            OSError: The message could not be accepted; the caller may try again.
        """
        ...

    def forget(self, address: str) -> int:
        """Remove the messages to an address that are still held, if delivery leaves any; returns how many."""
        ...
