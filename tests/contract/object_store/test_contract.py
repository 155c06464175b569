"""What every object store promises; sending by the signed request is tested through HTTP."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from foliolens.adapters.local.disk_store import DiskObjectStore, load_or_create_secret
from foliolens.ports.object_store import ObjectMissing

KEY = "uploads/6f1f7a52-3b1c-4f0e-9a55-0d6a3f6f9a11/0b9f4c1e-7d1a-4f58-8b7e-5d2f3c4b5a69.csv"


@pytest.fixture(params=["disk"])
def store(tmp_path: Path) -> DiskObjectStore:
    return DiskObjectStore(tmp_path / "objects", b"secret")


def put(store: DiskObjectStore, key: str, content: bytes) -> None:
    partial = store.partial_file()
    partial.write_bytes(content)
    store.publish(partial, key)


def test_an_object_is_read_as_it_was_stored(store: DiskObjectStore) -> None:
    put(store, KEY, b"Symbol\nVTI\n")

    assert store.exists(KEY)
    assert store.read(KEY) == b"Symbol\nVTI\n"


def test_a_missing_object_says_so(store: DiskObjectStore) -> None:
    assert not store.exists(KEY)
    with pytest.raises(ObjectMissing):
        store.read(KEY)


def test_deleting_twice_is_no_error(store: DiskObjectStore) -> None:
    put(store, KEY, b"x")

    store.delete(KEY)
    store.delete(KEY)

    assert not store.exists(KEY)


def test_a_key_cannot_leave_the_folder(store: DiskObjectStore) -> None:
    for key in (
        "../secret.csv",
        "uploads/../../etc/passwd",
        "/etc/passwd",
        "uploads/a/../b.csv",
        "uploads/a",
    ):
        with pytest.raises(ValueError, match="not a key"):
            store.read(key)


def test_a_ticket_names_everything_the_client_needs(store: DiskObjectStore) -> None:
    expires_at = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=15)

    ticket = store.sign_upload(KEY, size=11, content_type="text/csv", expires_at=expires_at)

    assert ticket.method == "PUT"
    assert KEY in ticket.url
    assert ticket.headers == {"Content-Type": "text/csv"}
    assert ticket.expires_at == expires_at


def test_two_processes_agree_on_one_secret(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "key"

    assert load_or_create_secret(path) == load_or_create_secret(path)
    assert path.stat().st_mode & 0o077 == 0


def test_only_files_cut_off_long_ago_are_forgotten(store: DiskObjectStore) -> None:
    abandoned, arriving = store.partial_file(), store.partial_file()
    for path in (abandoned, arriving):
        path.write_bytes(b"half a fi")
    os.utime(abandoned, (0, 0))

    assert store.forget_partial_files() == 1
    assert (abandoned.exists(), arriving.exists()) == (False, True)
