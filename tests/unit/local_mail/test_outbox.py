"""The outbox folder that stands for mail on one machine."""

from __future__ import annotations

import logging
import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from foliolens.adapters.local.outbox import Outbox
from foliolens.ports.mail import Message

CODE = Message("ada@example.com", "123456 is your code", "Enter 123456.\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "outbox"


def test_a_message_is_a_complete_mail(folder: Path) -> None:
    Outbox(folder).send(CODE)

    (path,) = folder.iterdir()
    mail = message_from_bytes(path.read_bytes(), policy=default)
    assert path.suffix == ".eml"
    assert (mail["To"], mail["Subject"], mail.get_content().strip()) == (
        CODE.to,
        CODE.subject,
        "Enter 123456.",
    )
    assert mail["From"]
    assert mail["Date"]
    assert mail["Message-ID"]


def test_only_the_owner_can_read_it(folder: Path) -> None:
    Outbox(folder).send(CODE)

    (path,) = folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_log_tells_the_code_but_not_the_person(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        Outbox(folder).send(CODE)

    (record,) = caplog.records
    assert "123456" in record.getMessage()
    assert "ada" not in record.getMessage()
    assert (folder / record.__dict__["file"]).is_file()


def test_every_message_gets_a_file_of_its_own(folder: Path) -> None:
    outbox = Outbox(folder)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(outbox.send, [CODE] * 40))

    assert len(list(folder.glob("*.eml"))) == 40
    assert len(list(folder.iterdir())) == 40


@pytest.mark.parametrize(
    "address", ["a.b+c_d%e'f-g@sub.example.com", f"{'x' * 64}@{'y' * 63}.{'z' * 60}.example"]
)
def test_an_address_is_written_as_it_is(folder: Path, address: str) -> None:
    outbox = Outbox(folder)
    outbox.send(Message(address, "Hello", "Hello.\n"))

    (path,) = folder.iterdir()
    assert f"To: {address}\r\n".encode() in path.read_bytes()
    assert outbox.forget(address) == 1


def test_messages_to_an_address_can_be_forgotten(folder: Path) -> None:
    outbox = Outbox(folder)
    for address in ("ada@example.com", "eve@example.com", "ada@example.com"):
        outbox.send(Message(address, "Hello", "Hello.\n"))

    assert outbox.forget("Ada@example.com") == 2
    (kept,) = folder.iterdir()
    assert b"eve@example.com" in kept.read_bytes()


def test_forgetting_needs_no_folder(folder: Path) -> None:
    assert Outbox(folder).forget("ada@example.com") == 0


def test_a_folder_that_cannot_be_written_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("not a folder")

    with pytest.raises(OSError, match="outbox"):
        Outbox(tmp_path / "outbox").send(CODE)


def test_mails_of_long_ago_are_removed(folder: Path) -> None:
    outbox = Outbox(folder)
    outbox.send(CODE)
    (old,) = folder.iterdir()
    month_ago = time.time() - 31 * 24 * 3600
    os.utime(old, (month_ago, month_ago))
    outbox.send(CODE)

    assert outbox.forget_old() == 1

    (kept,) = folder.iterdir()
    assert kept != old
