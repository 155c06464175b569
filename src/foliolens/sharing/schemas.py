"""Sharing in the HTTP contract: what an owner asks for and is told, and what a link shows.

What a link shows is listed here and in `risk_view` field by field, and filled field by field. Nothing of the
owner, of the portfolio's id or its history, no purchase price and no number of shares is among it. A field
that portfolios gain tomorrow is not shown unless it is added here, and to the list in the tests.
"""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from foliolens.holdings.models import Holding
from foliolens.kit.schema import DecimalNumber, RequestModel, ResponseModel
from foliolens.portfolios.stored import StoredPortfolio
from foliolens.reference.taxonomy import AssetType, Category, Region, Sector
from foliolens.sharing.models import PERMISSIONS, Permission, Share, ShareWithViews

__all__ = [
    "CreatedShare",
    "IssuedShare",
    "RevokedShare",
    "ShareList",
    "ShareRequest",
    "ShareView",
    "SharedHolding",
    "SharedHoldingWithAmount",
    "SharedPortfolio",
    "SharedPortfolioWithAmounts",
    "shown",
]

_UNITS: Final = {"h": timedelta(hours=1), "d": timedelta(days=1)}
_SHORTEST, _LONGEST = timedelta(hours=1), timedelta(days=365)
_EXPIRES_IN: Final = r"^[1-9][0-9]{0,3}[hd]$"


def _lifetime(text: str) -> timedelta:
    return int(text[:-1]) * _UNITS[text[-1]]


def _checked_lifetime(value: object) -> object:
    if not isinstance(value, str):
        raise PydanticCustomError("INVALID_TYPE", 'must be a text such as "12h" or "7d"')
    if not re.fullmatch(_EXPIRES_IN, value, re.ASCII):
        raise PydanticCustomError(
            "INVALID_VALUE", 'must be a whole number of hours or days, such as "12h" or "7d"'
        )
    if not _SHORTEST <= _lifetime(value) <= _LONGEST:
        raise PydanticCustomError("OUT_OF_RANGE", 'must be between "1h" and "365d"')
    return value


class ShareRequest(RequestModel):
    """What a link should allow, and for how long."""

    expires_in: Annotated[
        str,
        BeforeValidator(_checked_lifetime),
        WithJsonSchema({"type": "string", "pattern": _EXPIRES_IN, "examples": ["7d"]}),
    ] = Field(default="7d", description="Hours or days, from `1h` to `365d`.")
    permissions: list[Permission] = Field(
        default=["view"],
        min_length=1,
        max_length=len(PERMISSIONS),
        description="`view` shows the holdings and is always part of it; `analyze` adds the risk report.",
    )
    show_amounts: bool = Field(default=False, description="Whether amounts are shown, not only percentages.")

    @property
    def lifetime(self) -> timedelta:
        """How long the link works."""
        return _lifetime(self.expires_in)

    @property
    def allowed(self) -> tuple[Permission, ...]:
        """The permissions, each once, always with `view`."""
        return tuple(known for known in PERMISSIONS if known == "view" or known in self.permissions)


class _ShareFacts(ResponseModel):
    share_id: UUID
    permissions: tuple[Permission, ...]
    show_amounts: bool
    created_at: datetime
    expires_at: datetime


class IssuedShare(_ShareFacts):
    """A new link as it is remembered for a repeated request: with the seed of its token, not the token."""

    seed: str

    @classmethod
    def of(cls, share: Share, seed: bytes) -> "IssuedShare":
        """What is remembered of a link."""
        return cls(
            share_id=share.id,
            permissions=share.permissions,
            show_amounts=share.show_amounts,
            created_at=share.created_at,
            expires_at=share.expires_at,
            seed=seed.hex(),
        )

    @property
    def seed_bytes(self) -> bytes:
        """The seed."""
        return bytes.fromhex(self.seed)


class CreatedShare(_ShareFacts):
    """A new link. Its token is shown this once: only a hash of it is kept."""

    share_token: str
    share_url: str = Field(description="The page that shows the portfolio; the token is in its fragment.")


class ShareView(_ShareFacts):
    """A link that works, as its owner sees it."""

    view_count: int = Field(description="How often the portfolio was opened.")
    last_viewed_at: datetime | None = Field(description="When it or its risk report was last opened.")

    @classmethod
    def of(cls, stored: ShareWithViews) -> "ShareView":
        """What the owner may see of a stored link: everything but its token, which nobody knows."""
        return cls(
            share_id=stored.share.id,
            permissions=stored.share.permissions,
            show_amounts=stored.share.show_amounts,
            created_at=stored.share.created_at,
            expires_at=stored.share.expires_at,
            view_count=stored.view_count,
            last_viewed_at=stored.last_viewed_at,
        )


class ShareList(ResponseModel):
    """The links to a portfolio that work, oldest first."""

    shares: list[ShareView]


class RevokedShare(ResponseModel):
    """The receipt of taking a link back: how much it had been used."""

    share_id: UUID
    view_count: int
    last_viewed_at: datetime | None


class SharedHolding(ResponseModel):
    """One holding as a link shows it."""

    symbol: str
    name: str
    type: AssetType
    category: Category | None
    sector: Sector
    geographic_region: Region
    allocation_percentage: DecimalNumber


class SharedHoldingWithAmount(SharedHolding):
    """One holding as a link with amounts shows it."""

    dollar_amount: DecimalNumber = Field(description="In the portfolio's currency.")


class _SharedPortfolioFacts(ResponseModel):
    name: str
    updated_at: datetime = Field(description="When the owner last changed the portfolio.")
    expires_at: datetime = Field(description="When the link stops working.")
    permissions: tuple[Permission, ...]


class SharedPortfolio(_SharedPortfolioFacts):
    """A portfolio as a link shows it: percentages, and nothing amounts could be worked out from."""

    show_amounts: Literal[False] = False
    assets: list[SharedHolding]


class SharedPortfolioWithAmounts(_SharedPortfolioFacts):
    """A portfolio as a link shows it whose owner shows amounts."""

    show_amounts: Literal[True] = True
    currency: str
    total_value: DecimalNumber
    assets: list[SharedHoldingWithAmount]


def shown(portfolio: StoredPortfolio, share: Share) -> SharedPortfolio | SharedPortfolioWithAmounts:
    """What a link shows of its portfolio."""
    if share.show_amounts:
        return SharedPortfolioWithAmounts(
            name=portfolio.fields.name,
            updated_at=portfolio.updated_at,
            expires_at=share.expires_at,
            permissions=share.permissions,
            currency=portfolio.fields.currency,
            total_value=portfolio.total,
            assets=[_with_amount(holding, holding.amount) for holding in portfolio.holdings],
        )
    return SharedPortfolio(
        name=portfolio.fields.name,
        updated_at=portfolio.updated_at,
        expires_at=share.expires_at,
        permissions=share.permissions,
        assets=[_in_percent(holding) for holding in portfolio.holdings],
    )


def _in_percent(holding: Holding) -> SharedHolding:
    return SharedHolding(
        symbol=holding.symbol,
        name=holding.name,
        type=holding.type,
        category=holding.category,
        sector=holding.sector,
        geographic_region=holding.region,
        allocation_percentage=holding.allocation,
    )


def _with_amount(holding: Holding, amount: Decimal) -> SharedHoldingWithAmount:
    return SharedHoldingWithAmount(**_in_percent(holding).model_dump(), dollar_amount=amount)
