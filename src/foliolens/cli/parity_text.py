"""What a comparison with the original services found, for a terminal and as a document."""

import statistics
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from foliolens.operations.parity.replay import Report

__all__ = ["print_report", "report_document"]

_QUANTILES = {"p50": 50, "p95": 95, "p99": 99}


def report_document(report: Report) -> dict[str, Any]:
    """The report as plain data."""
    return {
        "requests": report.sent,
        "different": report.different,
        "fields": [
            {
                "service": service,
                "field": name,
                "compared": counted.compared,
                "different": counted.different,
                "largest": counted.largest,
            }
            for (service, name), counted in report.fields.items()
        ],
        "examples": [
            {
                "line": example.line,
                "field": example.difference.field,
                "old": example.difference.old,
                "new": example.difference.new,
            }
            for example in report.examples
        ],
        "milliseconds": {
            service: {"old": _latencies(seconds), "new": _latencies(report.new_seconds[service])}
            for service, seconds in report.old_seconds.items()
        },
    }


def print_report(out: Console, report: Report) -> None:
    """Print the fields, the first differences and the latencies."""
    out.print(_fields(report))
    if report.examples:
        out.print("\n[bold]The first differences[/]")
        for example in report.examples:
            found = example.difference
            out.print(escape(f"line {example.line}, {found.field}: {found.old} there, {found.new} here"))
    out.print()
    out.print(_speed(report))
    verdict = f"{report.different:,} of {report.sent:,} requests differ."
    out.print(f"\n[bold]{verdict}[/]")


def _fields(report: Report) -> Table:
    table = Table("Service", "Field", box=None, pad_edge=False)
    for column in ("Compared", "Different", "Largest difference"):
        table.add_column(column, justify="right")
    for (service, name), counted in report.fields.items():
        table.add_row(
            service,
            escape(name),
            f"{counted.compared:,}",
            f"[red]{counted.different:,}[/]" if counted.different else "0",
            f"{counted.largest:.3g}" if counted.largest else "",
        )
    return table


def _speed(report: Report) -> Table:
    table = Table("Milliseconds", *_QUANTILES, box=None, pad_edge=False)
    for service, seconds in report.old_seconds.items():
        for side, measured in (("there", seconds), ("here", report.new_seconds[service])):
            table.add_row(f"{service}, {side}", *(f"{value:,.1f}" for value in _latencies(measured).values()))
    return table


def _latencies(seconds: Sequence[float]) -> dict[str, float]:
    if len(seconds) == 1:
        return dict.fromkeys(_QUANTILES, round(seconds[0] * 1000, 2))
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return {name: round(cuts[share - 1] * 1000, 2) for name, share in _QUANTILES.items()}
