"""What every object store promises; sending by the signed request is tested through HTTP."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from foliolens.adapters.aws import clients
from foliolens.adapters.aws.s3_store import S3ObjectStore
from foliolens.adapters.local.disk_store import DiskObjectStore, load_or_create_secret
from foliolens.ports.clock import SystemClock
from foliolens.ports.object_store import ObjectMissing, ObjectStore

KEY = "uploads/6f1f7a52-3b1c-4f0e-9a55-0d6a3f6f9a11/0b9f4c1e-7d1a-4f58-8b7e-5d2f3c4b5a69.csv"


@dataclass(frozen=True)
class Shelf:
    """A store under test, and a way to put files into it past the client's signed request."""

    store: ObjectStore
    put: Callable[[str, bytes], None]


@pytest.fixture
def disk(tmp_path: Path) -> DiskObjectStore:
    return DiskObjectStore(tmp_path / "objects", b"secret")


def on_disk(store: DiskObjectStore) -> Shelf:
    def put(key: str, content: bytes) -> None:
        partial = store.partial_file()
        partial.write_bytes(content)
        store.publish(partial, key)

    return Shelf(store, put)


def on_s3() -> Shelf:
    bucket = f"uploads-{uuid4()}"
    s3 = clients.s3()
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})

    def put(key: str, content: bytes) -> None:
        s3.put_object(Bucket=bucket, Key=key, Body=content)

    return Shelf(S3ObjectStore(bucket, SystemClock()), put)


@pytest.fixture(params=["disk", "s3"])
def shelf(request: pytest.FixtureRequest) -> Shelf:
    if request.param == "s3":
        request.getfixturevalue("aws")
        return on_s3()
    return on_disk(request.getfixturevalue("disk"))


def test_an_object_is_read_as_it_was_stored(shelf: Shelf) -> None:
    shelf.put(KEY, b"Symbol\nVTI\n")

    assert shelf.store.exists(KEY)
    assert shelf.store.read(KEY) == b"Symbol\nVTI\n"


def test_a_missing_object_says_so(shelf: Shelf) -> None:
    assert not shelf.store.exists(KEY)
    with pytest.raises(ObjectMissing):
        shelf.store.read(KEY)


def test_deleting_twice_is_no_error(shelf: Shelf) -> None:
    shelf.put(KEY, b"x")

    shelf.store.delete(KEY)
    shelf.store.delete(KEY)

    assert not shelf.store.exists(KEY)


def test_a_key_cannot_leave_the_folder(shelf: Shelf) -> None:
    for key in (
        "../secret.csv",
        "uploads/../../etc/passwd",
        "/etc/passwd",
        "uploads/a/../b.csv",
        "uploads/a",
    ):
        with pytest.raises(ValueError, match="not a key"):
            shelf.store.read(key)


def test_a_ticket_for_the_disk_is_a_put(disk: DiskObjectStore) -> None:
    expires_at = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=15)

    ticket = disk.sign_upload(KEY, size=11, content_type="text/csv", expires_at=expires_at)

    assert ticket.method == "PUT"
    assert KEY in ticket.url
    assert ticket.headers == {"Content-Type": "text/csv"}
    assert ticket.expires_at == expires_at


def test_a_ticket_for_s3_is_a_post_whose_policy_fixes_size_type_and_key(aws: str) -> None:
    expires_at = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=15)
    store = on_s3().store

    ticket = store.sign_upload(KEY, size=11, content_type="text/csv", expires_at=expires_at)
    sent = httpx.post(ticket.url, data=dict(ticket.fields), files={"file": b"Symbol\nVTI\n"})

    policy = json.loads(base64.b64decode(ticket.fields["policy"]))
    assert ["content-length-range", 11, 11] in policy["conditions"]
    assert ["eq", "$Content-Type", "text/csv"] in policy["conditions"]
    assert {"key": KEY} in policy["conditions"]
    assert abs(datetime.fromisoformat(policy["expiration"]) - expires_at) < timedelta(seconds=5)
    assert (ticket.method, ticket.expires_at, sent.status_code) == ("POST", expires_at, 204)
    assert store.read(KEY) == b"Symbol\nVTI\n"


def test_two_processes_agree_on_one_secret(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "key"

    assert load_or_create_secret(path) == load_or_create_secret(path)
    assert path.stat().st_mode & 0o077 == 0


def test_only_files_cut_off_long_ago_are_forgotten(disk: DiskObjectStore) -> None:
    abandoned, arriving = disk.partial_file(), disk.partial_file()
    for path in (abandoned, arriving):
        path.write_bytes(b"half a fi")
    os.utime(abandoned, (0, 0))

    assert disk.forget_partial_files() == 1
    assert (abandoned.exists(), arriving.exists()) == (False, True)
