"""A comparison, for a terminal."""

from collections.abc import Callable

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from foliolens.comparison.schemas import ComparedPortfolio, Comparison
from foliolens.risk.market.models import Figure

__all__ = ["print_comparison"]

_MOST_ROWS = 15

_ROWS: tuple[tuple[str, str, Callable[[ComparedPortfolio], str]], ...] = (
    ("Risk score", "overallRiskScore", lambda p: f"{p.overall_risk_score:.1f}"),
    ("Effective number of holdings", "effectiveHoldings", lambda p: f"{p.effective_holdings:.1f}"),
    ("Concentration, funds looked through", "hhiLookThrough", lambda p: f"{p.hhi_look_through:.3f}"),
    ("Volatility a year", "volatility", lambda p: _share(p.figures.volatility)),
    ("Return a year", "annualReturn", lambda p: _share(p.figures.annual_return)),
    ("Deepest fall", "maxDrawdown", lambda p: _share(p.figures.max_drawdown)),
    ("Sharpe ratio", "sharpeRatio", lambda p: _number(p.figures.sharpe_ratio)),
    ("Sortino ratio", "sortinoRatio", lambda p: _number(p.figures.sortino_ratio)),
    ("Loss of a day, 95%", "valueAtRisk95", lambda p: _share(p.figures.value_at_risk95)),
    ("Diversification ratio", "diversificationRatio", lambda p: _number(p.figures.diversification_ratio)),
    ("Beta", "", lambda p: _number(p.figures.benchmark.beta)),
    ("Covered by prices", "", lambda p: f"{p.prices.coverage:.0%}"),
)


def print_comparison(out: Console, compared: Comparison) -> None:
    """Print a whole comparison: figures with the best of each marked, pairs, holdings."""
    period = compared.period
    _print_figures(out, compared)
    if period.reason is None:
        out.print(f"\n{period.days} common days, {period.first_day} to {period.last_day}; * is the best.")
    else:
        out.print(f"\n{escape(period.reason)} * is the best.")
    _print_pairs(out, compared)
    if compared.least_diversifying is not None:
        out.print(f"\n{escape(compared.least_diversifying.explanation)}")
    _print_holdings(out, compared)
    out.print(f"\n[dim]{escape(compared.disclaimer)}[/]")


def _print_figures(out: Console, compared: Comparison) -> None:
    best = {each.metric: each.portfolio_ids for each in compared.best}
    table = Table("", *(escape(each.name) for each in compared.portfolios), box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for label, metric, write in _ROWS:
        cells = [
            f"{write(each)} {'*' if each.id in best.get(metric, ()) else ' '}" for each in compared.portfolios
        ]
        table.add_row(label, *cells)
    out.print()
    out.print(table)


def _print_pairs(out: Console, compared: Comparison) -> None:
    names = {each.id: escape(each.name) for each in compared.portfolios}
    table = Table("Pair", "Overlap", "Symbols in common", "Correlation", box=None, pad_edge=False)
    for pair in compared.pairs:
        table.add_row(
            f"{names[pair.first]} and {names[pair.second]}",
            f"{pair.overlap:.1%}",
            f"{pair.jaccard:.0%}",
            _number(pair.correlation),
        )
    out.print()
    out.print(table)


def _print_holdings(out: Console, compared: Comparison) -> None:
    table = Table("Symbol", *(escape(each.name) for each in compared.portfolios), box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for holding in compared.holdings[:_MOST_ROWS]:
        table.add_row(holding.symbol, *(f"{weight:.1%}" if weight else "-" for weight in holding.weights))
    rest = len(compared.holdings) - _MOST_ROWS
    if rest > 0:
        table.add_row(f"and {rest} more")
    out.print()
    out.print(table)


def _share(figure: Figure) -> str:
    return "-" if figure.value is None else f"{figure.value:.1%}"


def _number(figure: Figure) -> str:
    return "-" if figure.value is None else f"{figure.value:.2f}"
