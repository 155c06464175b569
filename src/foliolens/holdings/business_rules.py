"""Limits a sound portfolio keeps, and what is worth a warning: concentration, cash, tiny holdings."""

from collections import defaultdict
from collections.abc import Sequence

from foliolens.holdings.apportionment import from_hundredths
from foliolens.holdings.issue_log import IssueLog
from foliolens.holdings.models import Holding, Issue, IssueCode
from foliolens.reference.classification import is_diversified_fund
from foliolens.reference.taxonomy import AssetType, Category
from foliolens.reference.wording import plain

__all__ = ["MANY_HOLDINGS", "apply_limits", "warn_of_concentration"]

MANY_HOLDINGS = 50
_CONFIRM = "Correct the amounts, or confirm with overrideRules that the portfolio is really so."


def apply_limits(
    holdings: Sequence[Holding], rows: Sequence[int], cents: Sequence[int], log: IssueLog
) -> None:
    """Check the limits that the owner may override.

    One holding is at most 80% unless it is a diversified fund, cash equivalents are at most 50%
    together, and each holding is at least 0.1%. Exact shares of the amounts decide, not rounded
    allocations.

    Args:
        holdings: Completed holdings.
        rows: For each, the row to name in an issue.
        cents: For each, the amount in cents; their sum is positive.
        log: Receives the breaches: errors, or warnings where they are overridden.
    """
    whole = sum(cents)
    least = -(-whole // 1000)  # rounded up: the least number of cents that is 0.1%
    tiny = [place for place, part in enumerate(cents) if part < least]
    log.add_each(
        IssueCode.OUT_OF_RANGE,
        [rows[place] for place in tiny],
        (_tiny(holdings[place].symbol, rows[place], cents[place], whole) for place in tiny),
    )
    # At most one holding is more than 80%.
    largest = max(range(len(cents)), key=cents.__getitem__)
    part = cents[largest]
    if part * 5 > whole * 4 and not _diversified(holdings[largest]):
        log.add(
            IssueCode.CONCENTRATION_LIMIT,
            f"{holdings[largest].symbol} is {_percent(part, whole)}% of the portfolio, more than 80%.",
            row=rows[largest],
            field="allocationPercentage",
            value=str(from_hundredths(part)),
            suggestion=_CONFIRM,
        )
    cash_like, cash_type = Category.CASH_EQUIVALENTS, AssetType.CASH
    cash = sum(
        part
        for holding, part in zip(holdings, cents, strict=True)
        if holding.category is cash_like or holding.type is cash_type
    )
    if cash * 2 > whole:
        log.add(
            IssueCode.CASH_LIMIT,
            f"Cash equivalents are {_percent(cash, whole)}% of the portfolio, more than 50%.",
            field="allocationPercentage",
            value=str(from_hundredths(cash)),
            suggestion=_CONFIRM,
        )


def _tiny(symbol: str, row: int, part: int, whole: int) -> Issue:
    """Say that a holding is less than 0.1% of the portfolio."""
    return Issue(
        IssueCode.OUT_OF_RANGE,
        f"{symbol} is {_percent(part, whole)}% of the portfolio, less than 0.1%.",
        "allocationPercentage",
        row,
        str(from_hundredths(part)),
        _CONFIRM,
    )


def warn_of_concentration(holdings: Sequence[Holding], cents: Sequence[int], log: IssueLog) -> None:
    """Warn of more than 70% in one category, of a single asset type, and of many holdings."""
    whole = sum(cents)
    by_category: defaultdict[Category, int] = defaultdict(int)
    for holding, part in zip(holdings, cents, strict=True):
        if holding.category is not None:
            by_category[holding.category] += part
    for category, part in by_category.items():
        if part * 10 > whole * 7:
            log.add(
                IssueCode.CONCENTRATION_WARNING,
                f"{_percent(part, whole)}% of the portfolio is in one category, {plain(category)}.",
                field="category",
                value=category,
            )
    types = {holding.type for holding in holdings}
    if len(types) == 1:
        only = types.pop()
        log.add(
            IssueCode.CONCENTRATION_WARNING,
            f"All holdings have one asset type, {plain(only)}.",
            field="type",
            value=only,
        )
    if len(holdings) > MANY_HOLDINGS:
        log.add(
            IssueCode.TOO_MANY_ROWS,
            f"The portfolio has {len(holdings):,} holdings; more than {MANY_HOLDINGS} are hard to follow.",
            field="assets",
            value=str(len(holdings)),
        )


def _diversified(holding: Holding) -> bool:
    """Whether the holding is a fund that spreads its money by itself."""
    return is_diversified_fund(holding.type, holding.sector, holding.category)


def _percent(part: int, whole: int) -> str:
    """Return a share in percent, cut (not rounded) to two decimals, so that 80.004 is not 80.01."""
    return str(from_hundredths(part * 10_000 // whole))
