"""Holdings, drafts of holdings, and what validation says about them.

Plain immutable data: everything from the CSV reader to the risk report speaks them, and
none of it needs pydantic or FastAPI. Money and percentages are `Decimal` throughout.
"""

from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

from foliolens.reference.taxonomy import AssetType, Category, Region, Sector

__all__ = ["Holding", "HoldingDraft", "Issue", "IssueCode", "Validation"]


class HoldingDraft(NamedTuple):
    """One holding as the input states it: `None` is "not stated", never zero.

    Attributes:
        symbol: Ticker, upper case, as checked by validation.
        allocation: Percent of the portfolio, 0 to 100.
        amount: Market value in the portfolio's currency.
        shares: Number of shares, up to six decimals.
        price: Current price of one share; checked against the amount, not stored.
        avg_price: Average purchase price of one share.
        expense_ratio: Percent a year, funds only.
        dividend_yield: Percent a year.
        risk_rating: The user's own rating, 1 to 10.
    """

    symbol: str
    name: str | None = None
    type: AssetType | None = None
    category: Category | None = None
    sector: Sector | None = None
    region: Region | None = None
    allocation: Decimal | None = None
    amount: Decimal | None = None
    shares: Decimal | None = None
    price: Decimal | None = None
    avg_price: Decimal | None = None
    expense_ratio: Decimal | None = None
    dividend_yield: Decimal | None = None
    risk_rating: int | None = None


class Holding(Struct, frozen=True):
    """One validated holding, completed from the reference table.

    `category` is None where it is unknown; `sector` and `region` say so themselves. Allocations
    of a portfolio's holdings sum to exactly 100.00 and amounts to exactly its total value.
    """

    symbol: str
    name: str
    type: AssetType
    category: Category | None
    sector: Sector
    region: Region
    allocation: Decimal
    amount: Decimal
    shares: Decimal | None = None
    avg_price: Decimal | None = None
    expense_ratio: Decimal | None = None
    dividend_yield: Decimal | None = None
    risk_rating: int | None = None


class IssueCode(StrEnum):
    """Why a row or a portfolio is refused, or worth a warning."""

    MISSING_REQUIRED_FIELD = "MISSING_REQUIRED_FIELD"
    MISSING_COLUMN = "MISSING_COLUMN"
    INVALID_SYMBOL_FORMAT = "INVALID_SYMBOL_FORMAT"
    UNSUPPORTED_ASSET_TYPE = "UNSUPPORTED_ASSET_TYPE"
    INVALID_NUMBER = "INVALID_NUMBER"
    AMBIGUOUS_NUMBER = "AMBIGUOUS_NUMBER"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    DUPLICATE_SYMBOL = "DUPLICATE_SYMBOL"
    INVALID_ALLOCATION_SUM = "INVALID_ALLOCATION_SUM"
    INVALID_DOLLAR_CONSISTENCY = "INVALID_DOLLAR_CONSISTENCY"
    INCONSISTENT_ROW = "INCONSISTENT_ROW"
    CONCENTRATION_LIMIT = "CONCENTRATION_LIMIT"
    CASH_LIMIT = "CASH_LIMIT"
    CONCENTRATION_WARNING = "CONCENTRATION_WARNING"
    UNKNOWN_SYMBOL = "UNKNOWN_SYMBOL"
    EMPTY_FILE = "EMPTY_FILE"
    NOT_CSV = "NOT_CSV"
    FILE_TOO_LARGE = "FILE_TOO_LARGE"
    TOO_MANY_ROWS = "TOO_MANY_ROWS"
    ENCODING_ERROR = "ENCODING_ERROR"
    MIXED_CURRENCIES = "MIXED_CURRENCIES"


class Issue(Struct, frozen=True):
    """One error or warning about a portfolio.

    Attributes:
        code: What is wrong, for programs.
        message: What is wrong, for people: one sentence.
        field: The contract's name of the field (`dollarAmount`, ...); None for the whole portfolio.
        row: Index of the holding in the validated sequence; None for the whole portfolio.
        value: The offending value as it was given.
        suggestion: How to mend it.
    """

    code: IssueCode
    message: str
    field: str | None = None
    row: int | None = None
    value: str | None = None
    suggestion: str | None = None


class Validation(Struct, frozen=True):
    """The outcome of validating a whole portfolio: holdings only where there is no error.

    Attributes:
        holdings: Completed holdings in input order; empty when `errors` is not.
        total: Sum of the amounts; None when there are errors.
        errors: Every error at once, in row order.
        warnings: What is worth knowing but refuses nothing.
        allocation_sum: Sum of the allocations as they were given; None unless every holding states one.
        error_rows: How many holdings have an error, listed or not.
    """

    holdings: tuple[Holding, ...]
    total: Decimal | None
    errors: tuple[Issue, ...]
    warnings: tuple[Issue, ...]
    allocation_sum: Decimal | None = None
    error_rows: int = 0
