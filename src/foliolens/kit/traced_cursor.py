"""Queries as spans: what is done to which table, and never with what."""

import re
from typing import Any, Self

from psycopg import Cursor
from psycopg.rows import DictRow

from foliolens.ports.tracing import Tracing

__all__ = ["summary", "traced_cursor"]

_OPERATION = re.compile(r"\s*([A-Za-z]+)")
_TABLE = re.compile(r"\b(?:FROM|INTO|UPDATE|JOIN)\s+([a-z_]+)")


def traced_cursor(tracing: Tracing) -> type[Cursor[DictRow]]:
    """A cursor whose queries are spans of the request or job that they are for, and of nothing else.

    The worker asks its queues each second: those queries belong to nothing, and make no span.
    """

    class TracedCursor(Cursor[DictRow]):
        def execute(self, query: Any, *arguments: Any, **options: Any) -> Self:
            if tracing.context() is None:
                return super().execute(query, *arguments, **options)
            operation, table = summary(query)
            about = {"db.system.name": "postgresql", "db.operation.name": operation}
            if table is None:
                name = operation
            else:
                name, about["db.collection.name"] = f"{operation} {table}", table
            with tracing.span(name, "client", about):
                return super().execute(query, *arguments, **options)

    return TracedCursor


def summary(query: object) -> tuple[str, str | None]:
    """What a query does, and the first table that it names; its text may hold a user's id.

    Returns:
        The first word in capitals, and the table; `QUERY` and None for what is no plain text.
    """
    text = query.decode() if isinstance(query, bytes) else query
    found = _OPERATION.match(text) if isinstance(text, str) else None
    if found is None or not isinstance(text, str):
        return "QUERY", None
    table = _TABLE.search(text)
    return found[1].upper(), table and table[1]
