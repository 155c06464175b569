"""`foliolens rebalance FILE.csv --target ...`: a plan of trades without server or account."""

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer

from foliolens.cli.output import BAD_NEWS, USAGE, DataOption, Failure, console, settings_for
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

if TYPE_CHECKING:
    from foliolens.errors import FolioLensError
    from foliolens.rebalancing.schemas import RebalanceRequest

__all__ = ["rebalance"]

_MODELS = ("conservative", "moderate", "aggressive")
_METHODS = ("equal_weight", "minimum_variance", "risk_parity")


def rebalance(
    file: FileArgument,
    target: Annotated[
        str,
        typer.Option(
            metavar="TARGET",
            help=f"A model ({', '.join(_MODELS)}), a method ({', '.join(_METHODS)}), or weights in percent"
            " such as VTI=60,BND=40 or class:equity=60,class:fixed_income=40.",
            show_default=False,
        ),
    ],
    cash: Annotated[str, typer.Option(metavar="AMOUNT", help="Cash to invest; negative to withdraw.")] = "0",
    mode: Annotated[
        Literal["full", "buy_only", "sell_only"], typer.Option(help="Which trades are allowed.")
    ] = "full",
    fractional: Annotated[bool, typer.Option("--fractional", help="Trade parts of shares.")] = False,
    min_trade: Annotated[str, typer.Option(metavar="AMOUNT", help="Smallest trade.")] = "1",
    max_position: Annotated[
        str | None, typer.Option(metavar="PERCENT", help="Largest single position; cash is exempt.")
    ] = None,
    band: Annotated[
        str,
        typer.Option(
            metavar="POINTS[/PERCENT]",
            help="No trade within so many percentage points, and percent of the target.",
        ),
    ] = "5/25",
    never_sell: Annotated[str | None, typer.Option(metavar="SYMBOL,...", help="Symbols to keep.")] = None,
    as_json: JsonOption = False,
    mapping: MapOption = None,
    number_format: NumberFormatOption = None,
    total: TotalOption = None,
    merge: MergeOption = False,
    data: DataOption = None,
) -> None:
    """Plan the trades that lead to a target; prices come from the data folder's `prices`, if it has some."""
    # Imported here so that other commands do not pay for the analysis.
    from foliolens.cli.plan_text import print_plan  # noqa: PLC0415
    from foliolens.errors import FolioLensError  # noqa: PLC0415
    from foliolens.market.folder_prices import FolderPrices  # noqa: PLC0415
    from foliolens.market.price_folder import PriceFolder  # noqa: PLC0415
    from foliolens.ports.clock import SystemClock  # noqa: PLC0415
    from foliolens.rebalancing.service import RebalancingService, Subject  # noqa: PLC0415
    from foliolens.risk.market.conventions import Conventions  # noqa: PLC0415
    from foliolens.risk.service import RiskService  # noqa: PLC0415

    settings = settings_for(data)
    request = _request(
        targets=_targets(target),
        cashFlow=_number("--cash", cash),
        mode=mode,
        fractionalShares=fractional,
        minTrade=_number("--min-trade", min_trade),
        maxPosition=None if max_position is None else _number("--max-position", max_position),
        band=_band(band),
        neverSell=[] if never_sell is None else [symbol.strip() for symbol in never_sell.split(",")],
    )
    reading = read_file(
        file, mapping=mapping, number_format=number_format, total=total, merge=merge, as_json=as_json
    )
    clock, prices = SystemClock(), FolderPrices(PriceFolder(settings.data / "prices"))
    risk = RiskService(clock, prices, Conventions(settings.risk.benchmark, settings.risk.risk_free_rate))
    subject = Subject(reading.holdings, reading.currency or "USD", _written_on(file))
    try:
        plan = RebalancingService(prices, clock, risk).plan(subject, request)
    except FolioLensError as error:
        _refuse(error, settings.data / "prices", as_json=as_json)
    if as_json:
        print_json(plan.model_dump(by_alias=True))
    else:
        print_plan(console(), file.name, plan)


def _request(**fields: Any) -> "RebalanceRequest":
    from pydantic import ValidationError  # noqa: PLC0415

    from foliolens.rebalancing.schemas import RebalanceRequest  # noqa: PLC0415

    try:
        return RebalanceRequest.model_validate(fields)
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(str(part) for part in problem["loc"])
        raise Failure(
            f"{place}: {problem['msg']}.", "See `foliolens rebalance --help`.", code=USAGE
        ) from error


def _targets(text: str) -> dict[str, object]:
    word = text.strip().lower().replace("-", "_")
    if word in _MODELS:
        return {"model": word}
    if word in _METHODS:
        return {"method": word}
    targets: dict[str, object] = {}
    for pair in text.split(","):
        key, separator, weight = pair.partition("=")
        if not separator or not key.strip():
            hint = f"Choose {', '.join((*_MODELS, *_METHODS))}, or state weights such as VTI=60,BND=40."
            raise Failure(f"--target {text} names no target.", hint, code=USAGE)
        if key.strip() in targets:
            raise Failure(f"--target {text} names {key.strip()} twice.", "Name each once.", code=USAGE)
        targets[key.strip()] = _number("--target", weight)
    return targets


def _band(text: str) -> dict[str, Decimal | None]:
    absolute, separator, relative = text.partition("/")
    return {
        "absolute": _number("--band", absolute),
        "relative": _number("--band", relative) if separator else None,
    }


def _number(option: str, text: str) -> Decimal:
    try:
        number = Decimal(text.strip().removesuffix("%"))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise Failure(f"{option}: {text} is not a number.", "Write it as in 1234.50.", code=USAGE)
    return number


def _written_on(file: Path) -> date:
    """The day the file was written, which its amounts are taken to be of."""
    return datetime.fromtimestamp(file.stat().st_mtime, UTC).date()


def _refuse(error: "FolioLensError", prices: Path, *, as_json: bool) -> NoReturn:
    if as_json:
        body: dict[str, object] = {"error": error.code, "message": error.message}
        if error.details is not None:
            body["details"] = error.details
        print_json(body)
    else:
        from foliolens.cli.plan_text import print_refusal  # noqa: PLC0415

        print_refusal(console(), error)
        if "NO_PROVIDER" in str(error.details):
            console().print(f"Put files of daily prices into {prices}: columns date, close and adjClose.")
    raise typer.Exit(BAD_NEWS)
