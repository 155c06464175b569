"""Paging of lists: where a page lies in the whole."""

from foliolens.kit.schema import ResponseModel

__all__ = ["Pagination"]


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
