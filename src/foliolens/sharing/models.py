"""What a link allows."""

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from msgspec import Struct

__all__ = ["PERMISSIONS", "Permission", "Share", "ShareWithViews"]

Permission = Literal["view", "analyze"]
"""`view` shows the holdings; `analyze` the risk report as well."""

PERMISSIONS: Final[tuple[Permission, ...]] = ("view", "analyze")


class Share(Struct, frozen=True):
    """A link to one portfolio.

    Attributes:
        user_id: The owner of the portfolio.
        permissions: In the order of `PERMISSIONS`; `view` is always there.
        show_amounts: Whether amounts are shown; otherwise nothing but percentages.
        expires_at: When the link stops working.
    """

    id: UUID
    user_id: UUID
    portfolio_id: UUID
    permissions: tuple[Permission, ...]
    show_amounts: bool
    created_at: datetime
    expires_at: datetime


class ShareWithViews(Struct, frozen=True):
    """A link, and how much it was used.

    Attributes:
        view_count: How often the portfolio was opened.
        last_viewed_at: When the portfolio or its risk report was last opened; None if never.
    """

    share: Share
    view_count: int
    last_viewed_at: datetime | None
