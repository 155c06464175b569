"""The risk report and the problems of a file, for a terminal."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from foliolens.cli.wording import readable
from foliolens.risk.market.models import Figure, MarketMetrics
from foliolens.risk.models import ComponentScore, Metric, RiskReport, Share
from foliolens.uploads.reader import Reading, RowIssue

__all__ = ["print_problems", "print_report"]

_MOST_ROWS = 15
_COLOURS = {"low": "green", "moderate": "yellow", "high": "red"}


def print_report(out: Console, name: str, reading: Reading, report: RiskReport) -> None:
    """Print a whole report: score, components, metrics, breakdowns, holdings, warnings."""
    amount = f"{reading.total:,.2f} {reading.currency or ''}".strip()
    out.print(f"\n[bold]{escape(name)}[/]  {len(reading.holdings)} holdings, {amount}")
    out.print(
        f"\n[bold]Risk score {report.overall_risk_score:.1f} of 10[/]  {_band(report.overall_risk_band)}"
    )
    out.print(escape(report.summary))
    _print_components(out, report)
    _print_metrics(out, report)
    _print_market(out, report.market)
    for title, shares in (
        ("Sectors", report.breakdowns.sector),
        ("Regions", report.breakdowns.region),
        ("Asset classes", report.breakdowns.asset_class),
    ):
        _print_shares(out, title, shares)
    _print_holdings(out, reading)
    for warning in report.warnings:
        out.print(f"[yellow]![/] {escape(warning.message)}")
    for issue in reading.warnings:
        out.print(f"[yellow]![/] {escape(_place(issue))}{escape(issue.message)}")
    out.print(f"\n[dim]{escape(report.disclaimer)}[/]")


def print_problems(out: Console, name: str, reading: Reading) -> None:
    """Print why a file was refused: every error with its line, its column and how to mend it."""
    out.print(f"\n[bold]{escape(name)}[/] cannot be read: {_count(len(reading.errors), 'error')}.\n")
    for issue in reading.errors:
        value = f" [dim]({escape(issue.value)})[/]" if issue.value else ""
        out.print(f"[red]{issue.code.value}[/] {escape(_place(issue))}{escape(issue.message)}{value}")
        if issue.suggestion:
            out.print(f"    [dim]{escape(issue.suggestion)}[/]")


def _print_components(out: Console, report: RiskReport) -> None:
    table = Table("Component", "Value", "Risk", "Score", "Weight", "Why", box=None, pad_edge=False)
    for part in report.components:
        table.add_row(
            readable(part.name),
            _component_value(part),
            _band(part.band),
            "-" if part.score is None else f"{part.score:.1f}",
            f"{part.weight:.0%}",
            escape(part.explanation),
        )
    out.print()
    out.print(table)


def _print_metrics(out: Console, report: RiskReport) -> None:
    table = Table("Metric", "Value", "Risk", box=None, pad_edge=False)
    metrics: list[tuple[str, Metric, str]] = [
        ("Concentration (HHI)", report.hhi, ".3f"),
        ("Concentration, funds looked through", report.hhi_look_through, ".3f"),
        ("Effective number of holdings", report.effective_holdings, ".1f"),
        ("Largest sector", report.sector_concentration, ".1%"),
        ("Home market", report.geographic_risk, ".1%"),
        ("Low-quality credit", report.credit_risk, ".1%"),
        ("Not traded daily", report.liquidity_risk, ".1%"),
    ]
    for label, metric, form in metrics:
        value = "not applicable" if metric.value is None else format(metric.value, form)
        table.add_row(label, value, _band(metric.band))
    top = report.top_holdings
    largest = " / ".join(f"{share:.0%}" for share in (top.top1, top.top3, top.top5, top.top10))
    table.add_row("Top 1 / 3 / 5 / 10", largest, "")
    coverage = report.coverage
    table.add_row(
        "Classified by sector / region",
        f"{coverage.sector.share:.0%} / {coverage.region.share:.0%}",
        "",
    )
    out.print()
    out.print(table)


def _print_market(out: Console, market: MarketMetrics) -> None:
    """Print what prices say, where there are some."""
    basis = market.prices
    if market.reason is not None:
        return
    title = f"From prices, {basis.first_day} to {basis.last_day}"
    table = Table(title, "Value", box=None, pad_edge=False)
    figures: list[tuple[str, Figure, str]] = [
        ("Volatility a year", market.volatility, ".1%"),
        ("Return a year", market.annual_return, ".1%"),
        ("Deepest fall", market.max_drawdown, ".1%"),
        ("Sharpe ratio", market.sharpe_ratio, ".2f"),
        ("Sortino ratio", market.sortino_ratio, ".2f"),
        ("Loss of a day, 95%", market.value_at_risk95, ".1%"),
        ("Loss of a day, 99%", market.value_at_risk99, ".1%"),
        ("Diversification ratio", market.diversification_ratio, ".2f"),
        (f"Beta to {market.benchmark.symbol}", market.benchmark.beta, ".2f"),
    ]
    for label, figure, form in figures:
        table.add_row(label, "-" if figure.value is None else format(figure.value, form))
    table.add_row("Covered by prices", f"{basis.coverage:.0%}")
    out.print()
    out.print(table)
    for group in basis.missing:
        out.print(f"[yellow]![/] {escape(', '.join(group.symbols))}: {escape(group.message)}")


def _print_shares(out: Console, title: str, shares: tuple[Share, ...]) -> None:
    table = Table(title, "", "", box=None, pad_edge=False)
    for share in shares:
        table.add_row(readable(share.key), f"{share.share:6.1%}", "█" * round(share.share * 30))
    out.print()
    out.print(table)


def _print_holdings(out: Console, reading: Reading) -> None:
    table = Table("Symbol", "Name", "Share", "Value", box=None, pad_edge=False)
    table.columns[2].justify = table.columns[3].justify = "right"
    largest = sorted(reading.holdings, key=lambda holding: (-holding.amount, holding.symbol))
    for holding in largest[:_MOST_ROWS]:
        table.add_row(
            holding.symbol, escape(holding.name), f"{holding.allocation:.2f}%", f"{holding.amount:,.2f}"
        )
    rest = len(largest) - _MOST_ROWS
    if rest > 0:
        table.add_row("", f"and {_count(rest, 'more holding')}", "", "")
    out.print()
    out.print(table)


def _place(issue: RowIssue) -> str:
    line = f"line {issue.line}" if issue.line is not None else ""
    column = f"column {issue.column}" if issue.column else ""
    place = ", ".join(part for part in (line, column) if part)
    return f"{place}: " if place else ""


def _band(band: str | None) -> str:
    return f"[{_COLOURS[band]}]{band}[/]" if band else "-"


def _component_value(part: ComponentScore) -> str:
    if part.value is None:
        return "-"
    return format(part.value, ".3f" if part.name == "concentration" else ".1%")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
