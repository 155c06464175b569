"""A monthly bill, and what it rests on, for a terminal."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from foliolens.operations.costs.bill import (
    AIM,
    TRAFFIC,
    WITHOUT_DATABASE,
    WITHOUT_FIREWALL,
    Bill,
    Part,
    Traffic,
)
from foliolens.operations.costs.durations import Durations
from foliolens.operations.costs.prices import ListPrices
from foliolens.operations.costs.system import System

__all__ = ["print_assumptions", "print_bill"]


def print_bill(out: Console, traffic: Traffic, bill: Bill) -> None:
    """Print every line, the sum of each part, and the sums that the aim and the old estimates are held to."""
    table = Table(box=None, pad_edge=False)
    table.add_column("US dollars a month", no_wrap=True)
    for column in ("Quantity", "List price", "After free"):
        table.add_column(column, justify="right", no_wrap=True)
    titles: dict[Part, str] = {
        "functions": f"{traffic.sentiments:,} sentiments, {traffic.predictions:,} predictions",
        "gateway": f"{traffic.gateway_requests:,} requests to the gateway",
        "around": "What else these requests cost",
        "standing": "Standing, whoever comes",
        "firewall": "Firewall",
        "database": "Database, apart",
    }
    sums: dict[Part, tuple[str, tuple[Part, ...]]] = {
        "gateway": ("The traffic alone, as in the estimates", TRAFFIC),
        "standing": ("All without firewall and database", WITHOUT_FIREWALL),
        "firewall": ("All without the database", WITHOUT_DATABASE),
    }
    for part, title in titles.items():
        of_part = bill.of(part)
        _row(table, title, of_part)
        for line in of_part.lines:
            quantity = f"{line.quantity:,.2f}".rstrip("0").rstrip(".")
            table.add_row(
                escape(f"  {line.name}"),
                f"{quantity} {line.unit}".strip(),
                f"{line.listed:,.2f}",
                f"{line.payable:,.2f}",
            )
        table.add_row()
        if part in sums:
            name, parts = sums[part]
            together = bill.of(*parts)
            _row(table, name, together)
            table.add_row(
                f"  aim: less than {AIM:,.0f}; missed by", "", _held(together.listed), _held(together.payable)
            )
            table.add_row()
    out.print(table)


def _row(table: Table, title: str, bill: Bill) -> None:
    table.add_row(title, "", f"{bill.listed:,.2f}", f"{bill.payable:,.2f}", style="bold")


def _held(dollars: float) -> str:
    """By how much the aim is missed."""
    return "met" if dollars < AIM else f"{dollars - AIM:,.2f}"


def print_assumptions(
    out: Console, traffic: Traffic, system: System, durations: Durations, prices: ListPrices
) -> None:
    """Print what the figures rest on."""
    facts = (
        f"Prices of {prices.region}, {prices.as_of}: {prices.source}.",
        "Free is what AWS gives every month without an end, in an account that uses it for nothing else.",
        f"Durations measured on {durations.measured_on} ({durations.machine}), with the functions run as"
        " Lambda runs them, and stretched to the share of a core that their memory brings:"
        f" sentiment {system.sentiment_mb:,} MB, predict {system.predict_mb:,} MB. A core of Lambda's arm64"
        " is taken to be as fast as one of that machine.",
        f"An article has {traffic.sentences} sentences, none of them answered from a cache; a prediction is"
        f" of 250 days; {traffic.cold_share:.0%} of the invocations start an environment.",
        f"A request leaves {traffic.log_bytes:,} bytes of logs and an answer of {traffic.answer_bytes:,}"
        f" bytes; {traffic.traced_share:.0%} are traced.",
        f"A database that sleeps is awake for {traffic.database_hours} hours, at half a capacity unit."
        if system.database == "cluster"
        else "The database is a small instance with a standby; backups up to its size cost nothing.",
        f"{traffic.held_symbols:,} symbols are held, whose prices are fetched in 21 nights; Lambda reads the"
        " table's stream for nothing.",
        "Up to 10,000 users sign in for nothing. Files, queues and what else is in the table cost cents with"
        " this traffic and are left out, as are the web app's own files and taxes.",
    )
    out.print("[bold]Assumptions[/]")
    for fact in facts:
        out.print(f"- {escape(fact)}")
