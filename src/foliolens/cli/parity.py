"""`foliolens parity`: recorded requests against the original services and this one, side by side."""

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from foliolens.cli.output import BAD_NEWS, USAGE, Failure, console

if TYPE_CHECKING:
    from foliolens.operations.parity.recording import Recorded, Service
    from foliolens.operations.parity.replay import Report

__all__ = ["parity"]


def parity(
    new: Annotated[str, typer.Option(help="This system's address, up to and with /v1.")],
    requests: Annotated[Path, typer.Option(help="Recorded requests: the body of one a line, as JSON.")],
    old_sentiment: Annotated[str | None, typer.Option(help="The original sentiment service.")] = None,
    old_prediction: Annotated[str | None, typer.Option(help="The original prediction service.")] = None,
    tolerance: Annotated[
        float, typer.Option(min=0, help="The largest difference of a number that counts as none.")
    ] = 0.0001,
    allowed: Annotated[
        float, typer.Option(min=0, max=1, help="The share of requests that may differ by more.")
    ] = 0.0,
    engine: Annotated[
        Literal["original", "calibrated"],
        typer.Option(help="Which engine of ours predicts; calibrated differs by design."),
    ] = "original",
    limit: Annotated[int | None, typer.Option(min=1, help="Send no more requests than this.")] = None,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds to wait for an answer.")] = 60.0,
    key: Annotated[
        str | None, typer.Option(envvar="FOLIOLENS_PARITY_KEY", help="An API key of this system.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Replay recorded requests against both and report the differences, field by field.

    Exits with 1 where more requests differ than are allowed. Only what this system is asked to answer may be
    sent: the requests reach every service named here as they are.
    """
    # Imported here so that other commands do not pay for httpx.
    import httpx  # noqa: PLC0415

    from foliolens.operations.parity.recording import RecordingError, read_recording  # noqa: PLC0415
    from foliolens.operations.parity.replay import ServiceDown, replay, sender  # noqa: PLC0415

    originals: dict[Service, str | None] = {"sentiment": old_sentiment, "prediction": old_prediction}
    old = {service: address for service, address in originals.items() if address is not None}
    base = new.rstrip("/")
    ours: dict[Service, str] = {"sentiment": f"{base}/sentiment", "prediction": f"{base}/predict"}
    headers = {"Content-Type": "application/json"}
    with (
        httpx.Client(timeout=timeout, headers=headers) as theirs,
        httpx.Client(timeout=timeout, headers=headers | ({"X-Api-Key": key} if key else {})) as own,
    ):
        try:
            # All of them are read first: a mistake in the file is better known before the first is sent.
            recorded = list(islice(read_recording(requests), limit))
            _check(recorded, old)
            report = replay(
                recorded,
                sender(theirs, old),
                sender(own, ours, {"prediction": {"engine": engine}}),
                tolerance=tolerance,
            )
        except RecordingError as error:
            raise Failure(f"{requests}: {error}.", "Mend the line or leave it out.", code=USAGE) from error
        except OSError as error:
            raise Failure(f"{requests}: {error.strerror}.", "Name a file that you can read.") from error
        except ServiceDown as error:
            raise Failure(f"No answer from {error}", "Is the address right, and the service up?") from error
    _print(report, as_json=as_json)
    if report.different > allowed * report.sent:
        raise typer.Exit(BAD_NEWS)


def _check(recorded: "list[Recorded]", old: "dict[Service, str]") -> None:
    if not recorded:
        raise Failure("There is nothing to send.", "Record some requests first.", code=USAGE)
    for request in recorded:
        if request.service not in old:
            raise Failure(
                f"Line {request.line} asks for a {request.service}, and no original of that is named.",
                f"Add --old-{request.service} URL, or leave such lines out.",
                code=USAGE,
            )


def _print(report: "Report", *, as_json: bool) -> None:
    from foliolens.cli.parity_text import print_report, report_document  # noqa: PLC0415
    from foliolens.kit import json  # noqa: PLC0415

    if as_json:
        typer.echo(json.encode(report_document(report)).decode())
    else:
        print_report(console(), report)
