"""A rebalancing plan, and why there is none, for a terminal."""

from decimal import Decimal

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from foliolens.errors import FolioLensError, ValidationFailed
from foliolens.rebalancing.schemas import PositionView, RebalancePlan, RecommendationView

__all__ = ["print_plan", "print_refusal"]

_METRICS = {
    "overallRiskScore": ("Risk score", "{:.1f}"),
    "volatility": ("Volatility", "{:.1%}"),
    "hhiLookThrough": ("Concentration, funds looked through", "{:.3f}"),
    "topHoldings.1": ("Largest holding", "{:.1%}"),
    "sectorConcentration": ("Largest sector", "{:.1%}"),
    "geographicRisk": ("Home market", "{:.1%}"),
    "diversification.composite": ("Diversification, 1 to 10", "{:.1f}"),
}


def print_plan(out: Console, name: str, plan: RebalancePlan) -> None:
    """Print a whole plan: trades, before and after, risk, steps, recommendations."""
    value = f"{plan.value_before:,.2f} {plan.currency}"
    flow = f", cash flow {plan.cash_flow:+,.2f}" if plan.cash_flow else ""
    out.print(f"\n[bold]{escape(name)}[/]  {value}{flow}")
    basis = "closing prices" if plan.valuation.basis == "closes" else "stated amounts"
    out.print(f"[dim]By {basis} of {plan.valuation.as_of}[/]\n")
    if plan.trades:
        _print_trades(out, plan)
    _print_positions(out, plan)
    _print_risk(out, plan)
    out.print("\n[bold]Steps[/]")
    for number, step in enumerate(plan.steps, 1):
        out.print(f"{number}. {escape(step)}")
    for recommendation in plan.recommendations:
        out.print(f"[yellow]![/] {escape(_recommendation(recommendation))}")
    for note in plan.notes:
        out.print(f"[dim]-[/] {escape(note)}")
    out.print(f"\n[dim]{escape(plan.disclaimer)}[/]")


def print_refusal(out: Console, error: FolioLensError) -> None:
    """Print why there is no plan: every problem on a line of its own."""
    out.print("\n[bold]There is no such plan.[/]\n")
    details = error.details if isinstance(error.details, list) else []
    if len(details) < 2 or not isinstance(error, ValidationFailed):
        out.print(escape(error.message))
        return
    for problem in details:
        out.print(f"[red]{problem['code']}[/] {escape(problem['field'])}: {escape(problem['message'])}")


def _print_trades(out: Console, plan: RebalancePlan) -> None:
    table = Table("", "Symbol", "Shares", "Price", "Amount", "Why", box=None, pad_edge=False)
    for column in (2, 3, 4):
        table.columns[column].justify = "right"
    for trade in plan.trades:
        table.add_row(
            "[green]buy[/]" if trade.action == "buy" else "[red]sell[/]",
            trade.symbol,
            _number(trade.shares),
            _number(trade.price),
            f"{trade.amount:,.2f}",
            escape(trade.reason),
        )
    out.print(table)
    out.print(
        f"\nBought {plan.bought:,.2f}, sold {plan.sold:,.2f}, residual cash {plan.residual_cash:,.2f}, "
        f"turnover {plan.turnover}%\n"
    )


def _print_positions(out: Console, plan: RebalancePlan) -> None:
    table = Table("Symbol", "Before", "Target", "After", "Value after", box=None, pad_edge=False)
    for column in (1, 2, 3, 4):
        table.columns[column].justify = "right"
    before = {row.symbol: row for row in plan.before}
    after = {row.symbol: row for row in plan.after}
    for symbol in dict.fromkeys([*after, *before]):
        row = after.get(symbol) or before[symbol]
        table.add_row(
            symbol,
            _weight(before.get(symbol)),
            f"{row.target_weight}%",
            _weight(after.get(symbol)),
            f"{after[symbol].amount:,.2f}" if symbol in after else "-",
        )
    out.print(table)


def _print_risk(out: Console, plan: RebalancePlan) -> None:
    table = Table("Risk", "Before", "After", box=None, pad_edge=False)
    table.columns[1].justify = table.columns[2].justify = "right"
    for change in plan.risk_change:
        if change.metric in _METRICS:
            label, form = _METRICS[change.metric]
            cells = ("-" if value is None else form.format(value) for value in (change.before, change.after))
            table.add_row(label, *cells)
    out.print()
    out.print(table)


def _recommendation(recommendation: RecommendationView) -> str:
    ending = " The plan mends this." if recommendation.mended_by_plan else ""
    return recommendation.message + ending


def _weight(row: PositionView | None) -> str:
    return "-" if row is None else f"{row.weight}%"


def _number(value: Decimal | None) -> str:
    return "-" if value is None else f"{value:,f}"
