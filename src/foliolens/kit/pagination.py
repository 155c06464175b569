"""Paging of lists: `limit` and `offset` in, `pagination` out."""

from typing import Annotated

from fastapi import Query

from foliolens.kit.schema import ResponseModel

__all__ = ["Limit", "Offset", "Pagination"]

Limit = Annotated[int, Query(ge=1, le=100, description="Rows a page.")]
Offset = Annotated[int, Query(ge=0, le=1_000_000, description="Rows to pass over.")]


class Pagination(ResponseModel):
    """Where a page lies in the whole list."""

    total: int
    limit: int
    offset: int
    has_more: bool

    @classmethod
    def of(cls, *, total: int, limit: int, offset: int, shown: int) -> "Pagination":
        """Describe a page of `shown` rows."""
        return cls(total=total, limit=limit, offset=offset, has_more=offset + shown < total)
