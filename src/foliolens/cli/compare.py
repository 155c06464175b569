"""`foliolens compare A.csv B.csv`: portfolios side by side in the terminal, without server or account."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from foliolens.cli.output import USAGE, DataOption, Failure, console, settings_for
from foliolens.cli.portfolio_file import (
    JsonOption,
    MapOption,
    MergeOption,
    NumberFormatOption,
    TotalOption,
    print_json,
    read_file,
)

if TYPE_CHECKING:
    from foliolens.comparison.schemas import ComparisonRequest

__all__ = ["MOST_FILES", "compare"]

MOST_FILES = 10


def compare(
    files: Annotated[list[Path], typer.Argument(help="Two to ten brokers' CSV files.", show_default=False)],
    first: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day with prices.")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day with prices.")
    ] = None,
    benchmark: Annotated[
        str | None, typer.Option(help="What beta refers to. [default: FOLIOLENS_BENCHMARK, else SPY]")
    ] = None,
    as_json: JsonOption = False,
    mapping: MapOption = None,
    number_format: NumberFormatOption = None,
    total: TotalOption = None,
    merge: MergeOption = False,
    data: DataOption = None,
) -> None:
    """Compare portfolios; prices come from the data folder's `prices`, if it has some."""
    # Imported here so that other commands do not pay for the analysis.
    from foliolens.cli.comparison_text import print_comparison  # noqa: PLC0415
    from foliolens.comparison.service import ComparisonService, Entry  # noqa: PLC0415
    from foliolens.errors import FolioLensError  # noqa: PLC0415
    from foliolens.market.folder_prices import FolderPrices  # noqa: PLC0415
    from foliolens.market.price_folder import PriceFolder  # noqa: PLC0415
    from foliolens.ports.clock import SystemClock  # noqa: PLC0415
    from foliolens.risk.market.conventions import Conventions  # noqa: PLC0415
    from foliolens.risk.service import RiskService  # noqa: PLC0415

    if not 2 <= len(files) <= MOST_FILES:
        raise Failure(f"{len(files)} files are named.", f"Name 2 to {MOST_FILES}.", code=USAGE)
    if len(set(files)) < len(files):
        raise Failure("A file is named twice.", "Name each once.", code=USAGE)
    settings = settings_for(data)
    request = _request(len(files), first, last, benchmark)
    entries = [
        Entry(
            str(file),
            file.name,
            read_file(
                file, mapping=mapping, number_format=number_format, total=total, merge=merge, as_json=as_json
            ).holdings,
        )
        for file in files
    ]
    clock, prices = SystemClock(), FolderPrices(PriceFolder(settings.data / "prices"))
    conventions = Conventions(settings.risk.benchmark, settings.risk.risk_free_rate)
    service = ComparisonService(RiskService(clock, prices, conventions), prices, clock, conventions)
    try:
        compared = service.compare(entries, request)
    except FolioLensError as error:
        raise Failure(error.message, "See `foliolens compare --help`.", code=USAGE) from error
    if as_json:
        print_json(compared.model_dump(by_alias=True))
    else:
        print_comparison(console(), compared)


def _request(
    count: int, first: datetime | None, last: datetime | None, benchmark: str | None
) -> "ComparisonRequest":
    from pydantic import ValidationError  # noqa: PLC0415

    from foliolens.comparison.schemas import ComparisonRequest  # noqa: PLC0415

    days = {"from": first, "to": last}
    asked = {name: f"{day:%Y-%m-%d}" for name, day in days.items() if day is not None}
    places = [str(UUID(int=place)) for place in range(count)]  # files have no ids; their number is checked
    try:
        return ComparisonRequest.model_validate({"portfolioIds": places, "benchmark": benchmark, **asked})
    except ValidationError as error:
        problem = error.errors()[0]
        option = f"--{problem['loc'][0]}"
        raise Failure(
            f"{option}: {problem['msg']}.", "See `foliolens compare --help`.", code=USAGE
        ) from error
