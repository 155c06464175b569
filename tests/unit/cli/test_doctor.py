"""`foliolens doctor`: what it finds, and what it says to do."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Outcome

Run = Callable[..., Outcome]


def test_a_sound_machine_is_found_sound(foliolens: Run, tmp_path: Path) -> None:
    ended = foliolens("doctor", "--data", tmp_path / "fresh")

    assert ended.code == 0
    for check in ("Python", "Data folder", "Disk space", "PostgreSQL programs", "Database", "Port"):
        assert check in ended.out
    assert "will be created" in ended.out
    assert not (tmp_path / "fresh").exists()


def test_a_database_that_does_not_answer_is_found(
    foliolens: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        monkeypatch.setenv("FOLIOLENS_DATABASE_URL", f"postgresql://me@127.0.0.1:{port}/none")

        ended = foliolens("doctor", "--data", tmp_path)

    assert ended.code == 1
    assert "no" in ended.out
    assert "OperationalError" in ended.out


def test_a_database_that_answers_is_named_with_its_schema(
    foliolens: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    monkeypatch.setenv("FOLIOLENS_DATABASE_URL", database_url)

    ended = foliolens("doctor", "--data", tmp_path)

    assert ended.code == 0
    assert "answers, schema 00" in ended.out


def test_a_bad_setting_is_wrong_usage(
    foliolens: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOLIOLENS_PORT", "eighty")
    monkeypatch.setenv("FOLIOLENS_MAX_IN_FLIGHT", "0")

    ended = foliolens("doctor", "--data", tmp_path)

    assert ended.code == 2
    assert "FOLIOLENS_PORT must be a whole number, at least 0, at most 65535." in ended.err
    assert "FOLIOLENS_MAX_IN_FLIGHT must be a whole number, at least 1." in ended.err
    assert len(ended.err.splitlines()) == 2


def test_unsafe_settings_are_refused_outside_local_mode(
    foliolens: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOLIOLENS_MODE", "aws")
    monkeypatch.setenv("FOLIOLENS_RATE_LIMITS", "off")

    ended = foliolens("doctor", "--data", tmp_path)

    assert ended.code == 2
    assert "FOLIOLENS_RATE_LIMITS" in ended.err


def test_where_prices_come_from_is_told(
    foliolens: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = foliolens("doctor", "--data", tmp_path)
    (tmp_path / "prices").mkdir()
    (tmp_path / "prices" / "BRK-B.csv").write_text("date,close\n2026-01-05,10\n")
    files = foliolens("doctor", "--data", tmp_path)
    monkeypatch.setenv("FOLIOLENS_TIINGO_API_KEY", "secret-key")
    provider = foliolens("doctor", "--data", tmp_path)

    assert "FOLIOLENS_TIINGO_API_KEY" in without.out
    assert "FOLIOLENS_POLYGON_API_KEY" in without.out
    assert "from 1 file in" in files.out
    assert "from Tiingo" in provider.out
    assert "secret-key" not in provider.out
    assert {ended.code for ended in (without, files, provider)} == {0}


def test_a_price_file_that_is_none_is_found(foliolens: Run, tmp_path: Path) -> None:
    (tmp_path / "prices").mkdir()
    (tmp_path / "prices" / "VTI.csv").write_text("date,close\n2026-01-05,ten\n")

    ended = foliolens("doctor", "--data", tmp_path)

    assert ended.code == 1
    assert "VTI.csv: Line 2:" in ended.out
    assert "Mend the file" in ended.out
