"""What the embedded server raises."""

from __future__ import annotations

__all__ = ["EmbeddedPostgresError"]


class EmbeddedPostgresError(Exception):
    """The embedded PostgreSQL server cannot be started, stopped or reached.

    Attributes:
        message: One line: what went wrong and where.
        hint: One line: how to mend it.
        log: The last lines of the server's (or `initdb`'s) output, empty when it has nothing to say.
    """

    def __init__(self, message: str, hint: str, log: str = "") -> None:
        self.message = message
        self.hint = hint
        self.log = log.strip()
        super().__init__(f"{message}. {hint}." + (f"\n{self.log}" if self.log else ""))
