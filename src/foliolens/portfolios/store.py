"""Portfolios in PostgreSQL. Every statement names the user, and row-level security names it again."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, LiteralString
from uuid import UUID, uuid4, uuid5

from msgspec import Struct
from msgspec.structs import asdict

from foliolens.holdings.models import Holding
from foliolens.kit.database import Transaction
from foliolens.reference.taxonomy import AssetType, Category, Region, Sector

__all__ = [
    "PortfolioFields",
    "SortKey",
    "count_portfolios",
    "delete_portfolio",
    "held_symbols",
    "insert_portfolio",
    "keep_portfolio",
    "lock_portfolio",
    "read_holdings",
    "read_page",
    "read_portfolio",
    "record_analysis",
    "replace_portfolio",
    "write_score",
]

SortKey = Literal["created_at", "updated_at", "name", "total_value"]

_SUMMARY: LiteralString = (
    "id, name, description, total_value, currency, is_public, risk_profile, investment_horizon, version,"
    " holdings_count, risk_score, created_at, updated_at, last_analyzed_at, analysis_count"
)

# Calling an enum takes four times as long, and there are four words in every holding.
_TYPES = {member.value: member for member in AssetType}
_CATEGORIES: dict[str | None, Category | None] = {None: None, **{member.value: member for member in Category}}
_SECTORS = {member.value: member for member in Sector}
_REGIONS = {member.value: member for member in Region}


class PortfolioFields(Struct, frozen=True):
    """What an owner sets of a portfolio, besides its holdings."""

    name: str
    description: str = ""
    currency: str = "USD"
    is_public: bool = False
    risk_profile: str | None = None
    investment_horizon: str | None = None


def count_portfolios(transaction: Transaction, user_id: UUID) -> int:
    """How many portfolios the user has."""
    row = transaction.execute(
        "SELECT count(*) AS total FROM portfolios WHERE user_id = %s", (user_id,)
    ).fetchone()
    return int(row["total"]) if row else 0


def held_symbols(transaction: Transaction) -> list[str]:
    """The symbols of all users' holdings but cash, each once; reads every holding there is."""
    rows = transaction.execute("SELECT DISTINCT symbol FROM holdings WHERE type <> 'cash'").fetchall()
    return [row["symbol"] for row in rows]


def read_page(
    transaction: Transaction, user_id: UUID, *, sort: SortKey, descending: bool, limit: int, offset: int
) -> tuple[list[dict[str, Any]], int]:
    """One page of summaries in the asked order, and the number of all."""
    columns: dict[SortKey, LiteralString] = {
        "created_at": "created_at",
        "updated_at": "updated_at",
        "name": "name",
        "total_value": "total_value",
    }
    way: LiteralString = "DESC" if descending else "ASC"
    column = columns[sort]
    query: LiteralString = (
        f"SELECT {_SUMMARY}, count(*) OVER () AS total FROM portfolios WHERE user_id = %s"  # noqa: S608
        f" ORDER BY {column} {way}, id {way} LIMIT %s OFFSET %s"
    )
    rows = transaction.execute(query, (user_id, limit, offset)).fetchall()
    if rows or offset == 0:
        return rows, rows[0]["total"] if rows else 0
    return [], count_portfolios(transaction, user_id)


def read_portfolio(transaction: Transaction, user_id: UUID, portfolio_id: UUID) -> dict[str, Any] | None:
    """The summary of one portfolio; None when the user has no such portfolio."""
    return transaction.execute(
        f"SELECT {_SUMMARY} FROM portfolios WHERE id = %s AND user_id = %s",  # noqa: S608 - our own constant
        (portfolio_id, user_id),
    ).fetchone()


def lock_portfolio(transaction: Transaction, user_id: UUID, portfolio_id: UUID) -> dict[str, Any] | None:
    """Like `read_portfolio`, holding the row until the transaction ends."""
    return transaction.execute(
        f"SELECT {_SUMMARY} FROM portfolios WHERE id = %s AND user_id = %s FOR UPDATE",  # noqa: S608
        (portfolio_id, user_id),
    ).fetchone()


def keep_portfolio(transaction: Transaction, user_id: UUID, portfolio_id: UUID) -> bool:
    """Keep others from deleting the portfolio until the transaction ends; False when there is none."""
    row = transaction.execute(
        "SELECT id FROM portfolios WHERE id = %s AND user_id = %s FOR KEY SHARE", (portfolio_id, user_id)
    ).fetchone()
    return row is not None


def read_holdings(transaction: Transaction, user_id: UUID, portfolio_id: UUID) -> list[tuple[UUID, Holding]]:
    """The holdings of one portfolio in their order, each with its id."""
    rows = transaction.execute(
        "SELECT id, symbol, name, type, category, sector, region, allocation, amount, shares, avg_price,"
        " expense_ratio, dividend_yield, risk_rating FROM holdings"
        " WHERE portfolio_id = %s AND user_id = %s ORDER BY position",
        (portfolio_id, user_id),
    ).fetchall()
    return [(row.pop("id"), _holding(row)) for row in rows]


def insert_portfolio(
    transaction: Transaction,
    user_id: UUID,
    fields: PortfolioFields,
    holdings: Sequence[Holding],
    *,
    risk_score: float,
    now: datetime,
) -> UUID:
    """Store a new portfolio and return its id."""
    portfolio_id = uuid4()
    transaction.execute(
        "INSERT INTO portfolios (id, user_id, name, description, total_value, currency, is_public,"
        " risk_profile, investment_horizon, holdings_count, risk_score, created_at, updated_at)"
        " VALUES (%(id)s, %(user)s, %(name)s, %(description)s, %(total)s, %(currency)s, %(is_public)s,"
        " %(risk_profile)s, %(investment_horizon)s, %(count)s, %(risk_score)s, %(now)s, %(now)s)",
        _parameters(user_id, portfolio_id, fields, holdings, risk_score, now),
    )
    _insert_holdings(transaction, user_id, portfolio_id, holdings)
    return portfolio_id


def replace_portfolio(
    transaction: Transaction,
    user_id: UUID,
    portfolio_id: UUID,
    fields: PortfolioFields,
    holdings: Sequence[Holding],
    *,
    risk_score: float,
    now: datetime,
) -> None:
    """Overwrite a portfolio that the caller has locked; its version goes up by one."""
    transaction.execute(
        "UPDATE portfolios SET name = %(name)s, description = %(description)s, total_value = %(total)s,"
        " currency = %(currency)s, is_public = %(is_public)s, risk_profile = %(risk_profile)s,"
        " investment_horizon = %(investment_horizon)s, holdings_count = %(count)s,"
        " risk_score = %(risk_score)s, updated_at = %(now)s, version = version + 1"
        " WHERE id = %(id)s AND user_id = %(user)s",
        _parameters(user_id, portfolio_id, fields, holdings, risk_score, now),
    )
    transaction.execute(
        "DELETE FROM holdings WHERE portfolio_id = %s AND user_id = %s", (portfolio_id, user_id)
    )
    _insert_holdings(transaction, user_id, portfolio_id, holdings)


def delete_portfolio(transaction: Transaction, user_id: UUID, portfolio_id: UUID) -> dict[str, int] | None:
    """Delete a portfolio with its holdings, uploads and shares; the counts, or None when there is none."""
    # Uploads first, as the worker that writes one into the portfolio locks them: so neither waits for the
    # other for ever.
    transaction.execute(
        "SELECT FROM uploads WHERE portfolio_id = %s AND user_id = %s ORDER BY id FOR UPDATE",
        (portfolio_id, user_id),
    )
    portfolio = lock_portfolio(transaction, user_id, portfolio_id)
    if portfolio is None:
        return None
    uploads = transaction.execute(
        "DELETE FROM uploads WHERE portfolio_id = %s AND user_id = %s", (portfolio_id, user_id)
    ).rowcount
    shares = transaction.execute(
        "DELETE FROM shares WHERE portfolio_id = %s AND user_id = %s", (portfolio_id, user_id)
    ).rowcount
    transaction.execute("DELETE FROM portfolios WHERE id = %s AND user_id = %s", (portfolio_id, user_id))
    return {"portfolios": 1, "holdings": portfolio["holdings_count"], "uploads": uploads, "shares": shares}


def record_analysis(
    transaction: Transaction, user_id: UUID, portfolio_id: UUID, now: datetime
) -> dict[str, Any] | None:
    """Count a risk report that was asked for; the summary, or None when the user has no such portfolio.

    Losing the last of these counts in a crash harms nobody, so the commit does not wait for the disk.
    """
    return transaction.execute(
        "WITH relaxed AS (SELECT set_config('synchronous_commit', 'off', true))"  # noqa: S608 - our own constant
        " UPDATE portfolios SET analysis_count = analysis_count + 1, last_analyzed_at = %s"
        f" FROM relaxed WHERE id = %s AND user_id = %s RETURNING {_SUMMARY}",
        (now, portfolio_id, user_id),
    ).fetchone()


def write_score(
    transaction: Transaction, user_id: UUID, portfolio_id: UUID, version: int, risk_score: float
) -> None:
    """Store the score of a portfolio that is still at this version: prices change it, not its owner."""
    transaction.execute(
        "UPDATE portfolios SET risk_score = %s WHERE id = %s AND user_id = %s AND version = %s",
        (risk_score, portfolio_id, user_id, version),
    )


def _insert_holdings(
    transaction: Transaction, user_id: UUID, portfolio_id: UUID, holdings: Sequence[Holding]
) -> None:
    with transaction.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO holdings (id, portfolio_id, user_id, position, symbol, name, type, category, sector,"
            " region, allocation, amount, shares, avg_price, expense_ratio, dividend_yield, risk_rating)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (
                    # A holding keeps its id through updates, uploads and their undoing.
                    uuid5(portfolio_id, holding.symbol),
                    portfolio_id,
                    user_id,
                    position,
                    holding.symbol,
                    holding.name,
                    holding.type.value,
                    holding.category.value if holding.category else None,
                    holding.sector.value,
                    holding.region.value,
                    holding.allocation,
                    holding.amount,
                    holding.shares,
                    holding.avg_price,
                    holding.expense_ratio,
                    holding.dividend_yield,
                    holding.risk_rating,
                )
                for position, holding in enumerate(holdings)
            ],
        )


def _parameters(
    user_id: UUID,
    portfolio_id: UUID,
    fields: PortfolioFields,
    holdings: Sequence[Holding],
    risk_score: float,
    now: datetime,
) -> dict[str, Any]:
    return {
        "id": portfolio_id,
        "user": user_id,
        **asdict(fields),
        "total": sum((holding.amount for holding in holdings), Decimal(0)),
        "count": len(holdings),
        "risk_score": risk_score,
        "now": now,
    }


def _holding(row: dict[str, Any]) -> Holding:
    row["type"] = _TYPES[row["type"]]
    row["category"] = _CATEGORIES[row["category"]]
    row["sector"] = _SECTORS[row["sector"]]
    row["region"] = _REGIONS[row["region"]]
    return Holding(**row)
