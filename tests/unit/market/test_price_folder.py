"""Price files in the data folder as a source: found by ticker, and by nothing that leads elsewhere."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from foliolens.market.history import SourceUnavailable, SymbolUnknown, wants_fetch
from foliolens.market.price_folder import PriceFolder
from foliolens.ports.prices import SymbolState

ROWS = "date,close\n2026-01-05,10\n2026-01-06,11\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "prices"
    folder.mkdir()
    return folder


@pytest.fixture
def source(folder: Path) -> PriceFolder:
    return PriceFolder(folder)


def test_a_file_is_a_history(folder: Path, source: PriceFolder) -> None:
    (folder / "VTI.csv").write_text(ROWS)

    assert source.offers("VTI")
    assert [str(price.close) for price in source.fetch("VTI", None)] == ["10", "11"]
    assert [str(price.close) for price in source.fetch("VTI", date(2026, 1, 6))] == ["11"]


@pytest.mark.parametrize("name", ["BRK.B", "BRK-B"])
def test_a_share_class_stands_after_a_dot_or_a_dash(folder: Path, source: PriceFolder, name: str) -> None:
    (folder / f"{name}.csv").write_text(ROWS)

    assert len(source.fetch("BRK.B", None)) == 2


def test_a_symbol_without_a_file_is_not_offered(folder: Path, source: PriceFolder) -> None:
    (folder / "DIR.csv").mkdir()
    os.mkfifo(folder / "PIPE.csv")

    for symbol in ("NOBODY", "DIR", "PIPE"):
        assert not source.offers(symbol)
        with pytest.raises(SymbolUnknown):
            source.fetch(symbol, None)


def test_a_missing_folder_has_no_files(tmp_path: Path) -> None:
    assert not PriceFolder(tmp_path / "nowhere").offers("VTI")


@pytest.mark.parametrize(
    "symbol", ["../SECRET", "..", "/etc/passwd", "A/../../SECRET", "A\x00", "A\n", "..\\SECRET", ""]
)
def test_no_symbol_leads_out_of_the_folder(folder: Path, source: PriceFolder, symbol: str) -> None:
    (folder.parent / "SECRET.csv").write_text(ROWS)

    assert not source.offers(symbol)


def test_a_broken_file_says_where_and_how_to_mend_it(folder: Path, source: PriceFolder) -> None:
    (folder / "VTI.csv").write_text("date,close\n2026-01-05,ten\n")

    with pytest.raises(SourceUnavailable, match=r"VTI\.csv: Line 2: close is 'ten'"):
        source.fetch("VTI", None)


def test_a_changed_file_is_fetched_again_whatever_time_it_bears(folder: Path, source: PriceFolder) -> None:
    path = folder / "VTI.csv"
    path.write_text(ROWS)
    now = datetime.now(UTC)
    fetched = SymbolState(asked_of="file", asked_at=now + timedelta(seconds=1))

    assert not wants_fetch(source, "VTI", fetched, now)
    os.utime(path, (4e9, 4e9))  # as of the year 2096: no reason to read it again and again
    assert not wants_fetch(source, "VTI", fetched, now)
    before = SymbolState(asked_of="file", asked_at=now - timedelta(hours=1))
    os.utime(path, (0, 0))  # copied with its old time
    assert wants_fetch(source, "VTI", before, now)
