"""How an upload ends, as the data that the status route shows."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from foliolens.holdings.models import Holding, Issue
from foliolens.uploads.models import Ending
from foliolens.uploads.reader import Reading, RowIssue, rejected_csv

__all__ = [
    "Problem",
    "accepted",
    "checked_only",
    "faulted",
    "impossible",
    "of_issues",
    "refused",
    "repeated",
    "written",
]

Problem = Mapping[str, Any]
"""One error or warning, with the keys of the contract."""

_PREVIEW_HOLDINGS = 500


def accepted(reading: Reading, holdings: Sequence[Holding], extra_warnings: Sequence[Problem]) -> Ending:
    """The file is good; `holdings` is what the portfolio holds with it."""
    return Ending(
        "COMPLETED",
        {
            "rows": {**_rows(reading), "imported": len(reading.holdings)},
            "errors": [],
            "warnings": [*_of_rows(reading.warnings), *extra_warnings],
            "preview": _preview(reading, holdings),
        },
    )


def checked_only(ending: Ending) -> Ending:
    """The same, where nothing was to be written."""
    rows = {**ending.outcome["rows"], "imported": 0}
    return replace(ending, outcome={**ending.outcome, "rows": rows})


def written(
    ending: Ending, *, portfolio_id: UUID, version: int, snapshot: Mapping[str, Any] | None
) -> Ending:
    """The same, now that it is written; without a snapshot the portfolio was created."""
    return replace(ending, portfolio_id=portfolio_id, written_version=version, snapshot=snapshot)


def repeated(reading: Reading, portfolio_id: UUID) -> Ending:
    """The very same file was imported before: nothing is written."""
    warning = _problem(
        "ALREADY_IMPORTED",
        "This file was imported before and is still in effect, so nothing was imported again.",
        "To import it again, undo the earlier upload or delete the portfolio it created.",
    )
    rows = {**_rows(reading), "imported": 0, "duplicates": reading.rows.total}
    outcome = {
        "rows": rows,
        "errors": [],
        "warnings": [warning],
        "preview": _preview(reading, reading.holdings),
    }
    return Ending("COMPLETED", outcome, portfolio_id=portfolio_id)


def refused(reading: Reading, errors: Sequence[Problem] = ()) -> Ending:
    """The file, or the portfolio it would make, is not valid."""
    outcome = {
        "rows": {**_rows(reading), "imported": 0},
        "errors": [*_of_rows(reading.errors), *errors],
        "warnings": list(_of_rows(reading.warnings)),
        "preview": _preview(reading, reading.holdings),
    }
    return Ending("FAILED", outcome, rejected_csv=_rejected(reading))


def impossible(reading: Reading, reason: str) -> Ending:
    """The file is good, the account cannot take it."""
    return refused(reading, [_problem("UNPROCESSABLE", reason, None)])


def faulted() -> Ending:
    """A fault of ours, after every retry."""
    problem = _problem(
        "PROCESSING_FAILED",
        "The file could not be processed, through a fault on our side. Nothing was imported.",
        "Upload it again; if it fails again, tell the operator the upload's id.",
    )
    return Ending("FAILED", {"rows": {}, "errors": [problem], "warnings": [], "fault": True})


def of_issues(issues: Sequence[Issue]) -> tuple[Problem, ...]:
    """Issues of a whole portfolio, which belong to no line of the file."""
    return tuple(
        {**_problem(issue.code.value, issue.message, issue.suggestion), "value": issue.value}
        for issue in issues
    )


def _of_rows(issues: Sequence[RowIssue]) -> list[Problem]:
    return [
        {
            **_problem(issue.code.value, issue.message, issue.suggestion),
            "line": issue.line,
            "column": issue.column,
            "value": issue.value,
        }
        for issue in issues
    ]


def _problem(code: str, message: str, suggestion: str | None) -> dict[str, Any]:
    return {"code": code, "message": message, "suggestion": suggestion}


def _rows(reading: Reading) -> dict[str, int]:
    rows = reading.rows
    return {
        "total": rows.total,
        "imported": rows.imported,
        "skipped": rows.skipped,
        "duplicates": rows.duplicates,
        "errors": rows.errors,
    }


def _rejected(reading: Reading) -> bytes | None:
    if not reading.rejected:
        return None
    return rejected_csv([column.header for column in reading.columns], reading.rejected, reading.errors)


def _preview(reading: Reading, holdings: Sequence[Holding]) -> dict[str, Any]:
    return {
        "totalValue": sum(holding.amount for holding in holdings) if holdings else None,
        "currency": reading.currency,
        "encoding": reading.encoding,
        "delimiter": reading.delimiter,
        "columns": [
            {
                "header": column.header,
                "field": column.field,
                "numberFormat": column.number_format,
                "samples": list(column.samples),
            }
            for column in reading.columns
        ],
        "assets": [
            {
                "symbol": holding.symbol,
                "name": holding.name,
                "type": holding.type.value,
                "allocationPercentage": holding.allocation,
                "dollarAmount": holding.amount,
                "shares": holding.shares,
            }
            for holding in holdings[:_PREVIEW_HOLDINGS]
        ],
    }
