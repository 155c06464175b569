"""Mail: how codes reach people."""

from typing import Protocol

from msgspec import Struct

__all__ = ["Mail", "Message"]


class Message(Struct, frozen=True):
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
