"""`foliolens analyze FILE.csv`: the risk report in the terminal, without server or account."""

from pathlib import Path
from typing import Annotated

import typer

from foliolens.cli.output import DataOption, console, settings_for
from foliolens.cli.portfolio_file import (
    FileArgument,
    JsonOption,
    MapOption,
    MergeOption,
    NumberFormatOption,
    TotalOption,
    print_json,
    read_file,
)

__all__ = ["analyze"]


def analyze(
    file: FileArgument,
    as_json: JsonOption = False,
    html: Annotated[Path | None, typer.Option(help="Write the report as a web page to this file.")] = None,
    mapping: MapOption = None,
    number_format: NumberFormatOption = None,
    total: TotalOption = None,
    merge: MergeOption = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse what an import without confirmation refuses.")
    ] = False,
    data: DataOption = None,
) -> None:
    """Report what a portfolio is exposed to; prices come from the data folder's `prices`, if it has some."""
    # Imported here so that other commands do not pay for the analysis.
    from foliolens.cli.report_html import report_html  # noqa: PLC0415
    from foliolens.cli.report_text import print_report  # noqa: PLC0415
    from foliolens.market.folder_prices import FolderPrices  # noqa: PLC0415
    from foliolens.market.price_folder import PriceFolder  # noqa: PLC0415
    from foliolens.ports.clock import SystemClock  # noqa: PLC0415
    from foliolens.risk.market.conventions import Conventions  # noqa: PLC0415
    from foliolens.risk.service import RiskService  # noqa: PLC0415
    from foliolens.uploads.outcomes import accepted  # noqa: PLC0415

    reading = read_file(
        file,
        mapping=mapping,
        number_format=number_format,
        total=total,
        merge=merge,
        as_json=as_json,
        strict=strict,
    )
    settings = settings_for(data)
    prices = FolderPrices(PriceFolder(settings.data / "prices"))
    conventions = Conventions(settings.risk.benchmark, settings.risk.risk_free_rate)
    report = RiskService(SystemClock(), prices, conventions).report(reading.holdings)
    if html is not None:
        html.write_text(report_html(file.name, reading, report), encoding="utf-8")
    if as_json:
        ending = accepted(reading, reading.holdings, ())
        print_json({**ending.outcome, "riskMetrics": report.model_dump(by_alias=True)})
        return
    print_report(console(), file.name, reading, report)
    if html is not None:
        console().print(f"Report written to {html}")
