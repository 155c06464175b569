"""`foliolens predict TICKER|FILE`: where a price may go, and what such predictions have been worth."""

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from msgspec import Struct

from foliolens.cli.output import BAD_NEWS, DataOption, Failure, console, settings_for

if TYPE_CHECKING:
    from foliolens.ports.prices import DailyPrice
    from foliolens.prediction.models import EngineName, Evidence, Forecast, MarketDays
    from foliolens.settings import Settings

__all__ = ["predict"]

_TICKER = re.compile(r"[A-Za-z0-9^][A-Za-z0-9.^=-]{0,19}")
_MOST_BYTES = 16 * 1024 * 1024


class _Question(Struct, frozen=True):
    """What is asked.

    Attributes:
        engine: Where the request names one.
        about: What it rests on, for people.
    """

    market: "MarketDays"
    engine: "EngineName | None"
    about: str


def predict(
    source: Annotated[
        str,
        typer.Argument(
            metavar="TICKER|FILE", help="A ticker, a CSV file of prices, or a request as a JSON file."
        ),
    ],
    engine: Annotated[
        Literal["calibrated", "original"] | None,
        typer.Option(help="Which engine. [default: FOLIOLENS_PREDICTION_ENGINE, else calibrated]"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
    data: DataOption = None,
) -> None:
    """Predict the direction of a price, and show how such predictions did before."""
    # Imported here so that other commands do not pay for numpy and the models.
    from foliolens.errors import FolioLensError  # noqa: PLC0415
    from foliolens.prediction.forecasting import forecast  # noqa: PLC0415

    settings = settings_for(data)
    try:
        question = _question(source, settings)
        chosen = engine or question.engine or settings.prediction.prediction_engine
        predicted = forecast((chosen, question.market))
    except FolioLensError as error:
        raise Failure(
            error.message, "The request is described at /docs of a server.", code=BAD_NEWS
        ) from error
    if as_json:
        _print_json(predicted)
    else:
        _print_table(predicted, question.about)


def _question(source: str, settings: "Settings") -> _Question:
    path = Path(source)
    if path.is_file():
        if path.suffix.casefold() == ".json":
            return _request(path)
        return _of_prices(path.stem.upper(), _prices(path), path.name)
    if not _TICKER.fullmatch(source) or path.suffix.casefold() in {".csv", ".json"}:
        raise Failure(f"There is no file {source}.", "Name a ticker, a CSV file of prices or a JSON request.")
    return _of_ticker(source.upper(), settings)


def _of_ticker(ticker: str, settings: "Settings") -> _Question:
    """From its file in the data folder, else from what a running server has stored or can ask for."""
    from foliolens.bootstrap import open_services, present_database_url  # noqa: PLC0415
    from foliolens.errors import FolioLensError  # noqa: PLC0415
    from foliolens.market.price_folder import PriceFolder  # noqa: PLC0415
    from foliolens.market.provider_history import HISTORY  # noqa: PLC0415
    from foliolens.market.symbols import stored_spelling  # noqa: PLC0415

    symbol = stored_spelling(ticker)
    folder = PriceFolder(settings.data / "prices")
    file = folder.file(symbol)
    if file is not None:
        return _of_prices(ticker, _prices(file), "file")
    url = present_database_url(settings)
    if url is None:
        raise Failure(
            f"There are no prices of {ticker}: {folder.folder / f'{symbol}.csv'} does not exist.",
            "Put a CSV file there with the columns date, close, volume and, if you have it, adjClose;"
            " or start `foliolens serve`, whose stored prices are used too.",
        )
    with open_services(settings, url) as services:
        stored = services.price_store.days(symbol, date.min, date.max)
        if stored:
            return _of_prices(ticker, stored, f"{services.price_store.states([symbol])[symbol].source}")
        today = date.today()  # noqa: DTZ011 - a day more or less asks for the same prices
        try:
            asked = services.market.daily_prices(symbol, today - HISTORY, today)
        except FolioLensError as error:
            raise Failure(error.message, "Or name a CSV file of its prices.") from error
        if not asked:
            raise Failure(f"There are no prices of {ticker} in five years.", "Or name a CSV file of them.")
        return _of_prices(ticker, asked, services.market.status().name)


def _of_prices(ticker: str, prices: "Sequence[DailyPrice]", source: str) -> _Question:
    from foliolens.prediction.market_days import market_days  # noqa: PLC0415

    about = f"{len(prices)} days to {prices[-1].day} ({source})"
    return _Question(market_days(ticker, prices), None, about)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as opened:
            content = opened.read(_MOST_BYTES + 1)
    except OSError as error:
        raise _unreadable(path, error) from error
    if len(content) > _MOST_BYTES:
        raise Failure(f"{path} is larger than 16 MB.", "Give it the newest 10,000 days.", code=BAD_NEWS)
    return content


def _prices(path: Path) -> "list[DailyPrice]":
    from foliolens.market.price_file import PriceFileError, load_price_file  # noqa: PLC0415

    try:
        return load_price_file(path)
    except PriceFileError as error:
        raise Failure(f"{path}: {error}", "Mend the file and try again.", code=BAD_NEWS) from error
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> Failure:
    return Failure(f"{path}: {error.strerror}.", "Name a file that you can read.")


def _request(path: Path) -> _Question:
    from pydantic import ValidationError  # noqa: PLC0415

    from foliolens.kit import json  # noqa: PLC0415
    from foliolens.prediction.schemas import PredictionRequest  # noqa: PLC0415

    hint = "The file is a request as POST /v1/predict takes it; the days are newest first."
    try:
        request = PredictionRequest.model_validate(json.decode(_content(path)))
    except json.JsonError as error:
        raise Failure(f"{path} is not valid JSON: {error}", hint, code=BAD_NEWS) from error
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(str(part) for part in problem["loc"]) or "the request"
        raise Failure(f"{path}: {place}: {problem['msg']}.", hint, code=BAD_NEWS) from error
    market = request.market_days()
    return _Question(market, request.engine, f"{market.days} days")


def _print_json(forecast: "Forecast") -> None:
    from foliolens.kit import json  # noqa: PLC0415
    from foliolens.prediction.schemas import DetailedPrediction  # noqa: PLC0415

    typer.echo(json.encode(DetailedPrediction.of(forecast).model_dump(by_alias=True)).decode())


def _print_table(forecast: "Forecast", about: str) -> None:
    from rich.markup import escape  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    out = console()
    out.print(f"\n[bold]{escape(forecast.ticker)}[/]  {escape(about)}, engine {forecast.engine}\n")
    columns = ("Trading days", "Direction", "Chance of up", "Right before", "Baseline", "Tested", "Skill")
    table = Table(*columns, box=None, pad_edge=False)
    for each in forecast.horizons.values():
        evidence = each.evidence
        table.add_row(
            str(each.horizon_days),
            "▲ up" if each.predicted_class else "▼ down",
            _share(each.probability_up),
            _accuracy(evidence),
            _share(evidence.baseline_accuracy),
            str(evidence.evaluations),
            "[green]yes[/]" if evidence.skill else "[yellow]no[/]",
        )
    out.print(table)
    out.print()
    horizons: dict[str, list[str]] = {}
    for each in forecast.horizons.values():
        horizons.setdefault(each.evidence.explanation, []).append(str(each.horizon_days))
    for explanation, ahead in horizons.items():
        out.print(f"[bold]{', '.join(ahead)}:[/] {escape(explanation)}")
    out.print("\n[dim]Information, not advice.[/]")


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"


def _accuracy(evidence: "Evidence") -> str:
    interval = evidence.confidence_interval
    bounds = "" if interval is None else f" ({interval.lower:.0%} to {interval.upper:.0%})"
    return _share(evidence.accuracy) + bounds
