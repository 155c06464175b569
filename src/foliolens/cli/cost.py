"""`foliolens cost`: what a month on AWS costs for given traffic, with everything it rests on."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from msgspec.structs import replace

from foliolens.cli.output import USAGE, Failure, console

if TYPE_CHECKING:
    from foliolens.operations.costs.bill import Bill, Line
    from foliolens.operations.costs.prices import ListPrices

__all__ = ["cost"]


def cost(
    env: Annotated[Literal["dev", "prod"], typer.Option(help="Which environment.")] = "prod",
    sentiments: Annotated[int, typer.Option(min=0, help="Articles judged in a month.")] = 300_000,
    predictions: Annotated[int, typer.Option(min=0, help="Predictions in a month.")] = 300_000,
    gateway_requests: Annotated[int, typer.Option(min=0, help="Requests to the API in a month.")] = 600_000,
    sentences: Annotated[int, typer.Option(min=1, max=200, help="Sentences of an article.")] = 10,
    model: Annotated[
        Literal["embedded", "finbert"] | None,
        typer.Option(help="Which model judges. [default: the environment's]"),
    ] = None,
    provisioned: Annotated[int, typer.Option(min=0, help="Sentiment functions kept warm.")] = 0,
    symbols: Annotated[
        int, typer.Option(min=0, help="Symbols held, whose prices are fetched each night.")
    ] = 500,
    firewall: Annotated[bool, typer.Option(help="With the web application firewall, or without.")] = True,
    snapshot_mb: Annotated[
        int | None,
        typer.Option(
            min=0, help="Memory of the functions that start from a snapshot. [default: the environment's]"
        ),
    ] = None,
    database_hours: Annotated[
        int, typer.Option(min=0, max=730, help="Hours a month that a sleeping database is awake.")
    ] = 60,
    prices: Annotated[
        Path | None, typer.Option(help="A JSON file of prices. [default: those that come with this version]")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the bill as JSON.")] = False,
) -> None:
    """Estimate the monthly AWS bill for given traffic, from measured durations and list prices.

    The defaults are the traffic of the estimates that users of the stocks app were given: 1,000 users with 10
    articles a day, each judged and predicted from; and 600,000 requests to the gateway.
    """
    # Imported here so that other commands do not pay for pydantic.
    from foliolens.cli.cost_text import print_assumptions, print_bill  # noqa: PLC0415
    from foliolens.operations.costs.bill import Traffic, bill  # noqa: PLC0415
    from foliolens.operations.costs.durations import measured_durations  # noqa: PLC0415
    from foliolens.operations.costs.system import SYSTEMS  # noqa: PLC0415

    traffic = Traffic(
        sentiments=sentiments,
        predictions=predictions,
        gateway_requests=gateway_requests,
        sentences=sentences,
        database_hours=database_hours,
        provisioned=provisioned,
        held_symbols=symbols,
    )
    listed, durations, system = _prices(prices), measured_durations(), SYSTEMS[env]
    if not firewall:
        system = replace(system, firewall_rules=None)
    if snapshot_mb is not None:
        system = replace(system, snapshot_mb=snapshot_mb)
    made = bill(traffic, system, durations, listed, model=model or system.model)
    if as_json:
        _print_json(made, listed)
    else:
        print_bill(console(), traffic, made)
        print_assumptions(console(), traffic, system, durations, listed)


def _prices(path: Path | None) -> "ListPrices":
    from pydantic import ValidationError  # noqa: PLC0415

    from foliolens.operations.costs.prices import list_prices  # noqa: PLC0415

    try:
        return list_prices(path)
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}.", "Name a file that you can read.") from error
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(str(part) for part in problem["loc"]) or "the file"
        raise Failure(
            f"{path}: {place}: {problem['msg']}.",
            "Copy `prices` of `foliolens cost --json` and change what differs.",
            code=USAGE,
        ) from error


def _print_json(made: "Bill", prices: "ListPrices") -> None:
    from foliolens.kit import json  # noqa: PLC0415
    from foliolens.operations.costs.bill import (  # noqa: PLC0415
        AIM,
        TRAFFIC,
        WITHOUT_DATABASE,
        WITHOUT_FIREWALL,
    )

    typer.echo(
        json.encode(
            {
                "prices": prices.model_dump(mode="json", by_alias=True),
                "lines": [_line(line) for line in made.lines],
                "aim": AIM,
                "traffic": _sums(made.of(*TRAFFIC)),
                "withoutFirewall": _sums(made.of(*WITHOUT_FIREWALL)),
                "withoutDatabase": _sums(made.of(*WITHOUT_DATABASE)),
                "database": _sums(made.of("database")),
            }
        ).decode()
    )


def _line(line: "Line") -> dict[str, str | float]:
    return {
        "part": line.part,
        "name": line.name,
        "quantity": line.quantity,
        "unit": line.unit,
        "price": line.price,
        "free": line.free,
        **_sums(line),
    }


def _sums(of: "Bill | Line") -> dict[str, float]:
    return {"listed": round(of.listed, 4), "payable": round(of.payable, 4)}
