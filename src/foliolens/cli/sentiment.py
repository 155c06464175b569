"""`foliolens sentiment TEXT|-`: how a text reads to an investor, without server or account."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from foliolens.cli.output import USAGE, DataOption, Failure, console, settings_for

if TYPE_CHECKING:
    from foliolens.sentiment.models import Judgement, ModelIdentity

__all__ = ["sentiment"]

_COLOURS = {"positive": "green", "neutral": "default", "negative": "red"}


def sentiment(
    text: Annotated[
        str, typer.Argument(help="A text, or - to read it from standard input.", show_default=False)
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    data: DataOption = None,
) -> None:
    """Label each sentence of a text positive, neutral or negative, as an investor reads it."""
    # Imported here so that other commands do not pay for the model's runtime.
    from foliolens.sentiment.choice import EngineChoice  # noqa: PLC0415
    from foliolens.sentiment.engine import ModelUnusable  # noqa: PLC0415
    from foliolens.sentiment.sentences import split_sentences  # noqa: PLC0415

    sentences = split_sentences(_whole(text))
    if not sentences:
        raise Failure("There is no text.", 'Example: foliolens sentiment "Profit rose."', code=USAGE)
    settings = settings_for(data)
    try:
        engine, stands_in_for = EngineChoice(settings.sentiment, settings.data).engine()
    except ModelUnusable as error:
        raise Failure(f"The sentiment model {error.name}: {error.reason}", error.advice) from error
    judged = tuple(zip(sentences, engine.judge(sentences), strict=True))
    if as_json:
        from foliolens.kit import json  # noqa: PLC0415
        from foliolens.sentiment.schemas import sentiment_result  # noqa: PLC0415

        result = sentiment_result(judged, None, engine.identity, detail=True)
        typer.echo(json.encode(result.model_dump(by_alias=True)).decode())
        return
    _print(judged, engine.identity, stands_in_for)


def _whole(text: str) -> str:
    if text != "-":
        # What the shell passed that is no UTF-8 becomes a question mark rather than an error.
        return text.encode("utf-8", "replace").decode()
    return sys.stdin.buffer.read().decode("utf-8", "replace")


def _print(
    judged: "tuple[tuple[str, Judgement], ...]", model: "ModelIdentity", stands_in_for: str | None
) -> None:
    from rich.table import Table  # noqa: PLC0415

    from foliolens.sentiment.models import tally  # noqa: PLC0415

    out = console()
    table = Table("Label", "Confidence", "Sentence", box=None, pad_edge=False)
    table.columns[1].justify = "right"
    for sentence, judgement in judged:
        label = f"[{_COLOURS[judgement.label]}]{judgement.label}[/]"
        table.add_row(label, f"{judgement.confidence:.0%}", escape(sentence))
    out.print(table)
    tallies = tally([judgement for _, judgement in judged])
    out.print("\n" + ", ".join(f"{item.count} {label}" for label, item in tallies.items()))
    instead = f" in place of {stands_in_for}" if stands_in_for else ""
    out.print(f"[dim]Model: {model.name} {model.precision} ({model.version}){instead}[/]")
