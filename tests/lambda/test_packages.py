"""The packages themselves: the same from the same tree, small enough, with all that AWS is asked for."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore import xform_name
from botocore.session import Session

from foliolens.adapters.aws import clients
from infra import packages, sdk_data

from .conftest import FUNCTIONS

_ASKED_BY_OPERATORS = {"sqs"}
CLIENTS = Path(clients.__file__)


def test_built_again_a_package_is_the_same_byte_for_byte(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    before = os.umask(0o077)
    try:
        packages.build(tmp_path, functions=("uploads",), target=packages.host())
    finally:
        os.umask(before)

    assert (tmp_path / "uploads.zip").read_bytes() == (built / "uploads.zip").read_bytes()


def test_packages_stay_below_100_megabytes(built: Path) -> None:
    sizes = json.loads((built / "manifest.json").read_text())["unzippedBytes"]

    assert {name for name, size in sizes.items() if size >= 100_000_000} == {"sentiment"}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_everything_python_is_compiled_and_never_checked_against_its_source(
    built: Path, function: str
) -> None:
    with zipfile.ZipFile(built / f"{function}.zip") as archive:
        names = set(archive.namelist())
        sources = {name for name in names if name.endswith(".py")}
        compiled = {name for name in names if name.endswith(".pyc")}

        assert {
            re.sub(r"__pycache__/(.+)\.cpython-\d+\.pyc$", r"\1.py", name) for name in compiled
        } == sources
        # The flags of a .pyc: by hash, and without a look at the source (PEP 552).
        assert {archive.read(name)[4:8] for name in compiled} == {b"\x01\x00\x00\x00"}


def test_the_sdk_knows_what_functions_ask_of_each_service_and_no_more(built: Path) -> None:
    with zipfile.ZipFile(built / "api.zip") as archive:
        described = {
            match[1]: json.loads(archive.read(name))
            for name in archive.namelist()
            if (match := re.match(r"botocore/data/([^/]+)/[^/]+/service-2\.json$", name))
        }

    known = {name: set(service["operations"]) for name, service in described.items()}
    known["s3"] -= {"CreateBucket", "HeadBucket"}  # which botocore itself needs
    assert known == asked()
    for name, errors in told_apart().items():
        assert errors <= described[name]["shapes"].keys()


def test_packages_hold_the_libraries_that_their_functions_use(built: Path) -> None:
    held: defaultdict[str, set[str]] = defaultdict(set)
    for function in FUNCTIONS:
        with zipfile.ZipFile(built / f"{function}.zip") as archive:
            for library in {name.partition("/")[0] for name in archive.namelist()}:
                held[library].add(function)

    assert held["aws_lambda_powertools"] == {"uploads"}
    assert held["fastapi"] == {"api", "auth", "market"}
    assert held["psycopg"] == {"api", "migrate", "schedule", "uploads"}
    assert held["pydantic"] == {"api", "auth", "market", "predict", "sentiment"}


def test_no_package_brings_models_of_a_former_kind_or_what_reads_settings_from_files(built: Path) -> None:
    unwanted = ("pydantic/v1/", "pydantic_settings/", "dotenv/")
    for function in FUNCTIONS:
        with zipfile.ZipFile(built / f"{function}.zip") as archive:
            assert not [name for name in archive.namelist() if name.startswith(unwanted)]


def test_what_an_installer_linked_into_a_package_stays_whole_elsewhere(tmp_path: Path) -> None:
    installed, linked = tmp_path / "installed.json", tmp_path / "data" / "endpoints.json"
    installed.write_text('{"partitions": [{"services": {"ec2": {}, "s3": {}}}]}')
    linked.parent.mkdir()
    linked.hardlink_to(installed)

    sdk_data.cut(linked.parent)

    assert json.loads(linked.read_text()) == {"partitions": [{"services": {"s3": {}}}]}
    assert "ec2" in installed.read_text()


def test_forms_and_tokens_are_signed_with_what_the_sdk_knows(built: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(built / "uploads.zip") as archive:
        archive.extractall(tmp_path)
    program = """
from foliolens.adapters.aws import clients
form = clients.s3().generate_presigned_post(Bucket="files", Key="a.csv")
token = clients.rds().generate_db_auth_token("db.example.com", 5432, "foliolens")
print(form["url"], token.split("?")[0])
"""
    environment = {
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_DEFAULT_REGION": "eu-central-1",
    }

    signed = subprocess.run(
        [sys.executable, "-S", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**environment, "PYTHONPATH": str(tmp_path)},
    ).stdout.split()

    assert signed == ["https://files.s3.eu-central-1.amazonaws.com/", "db.example.com:5432/"]


def asked() -> dict[str, set[str]]:
    """The operations that our code asks of each service, but what operators alone do."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for source, services in asking():
        named = set(re.findall(r"\.(\w+)\(", source)) | set(re.findall(r'get_paginator\("(\w+)"\)', source))
        for service in services:
            operations = Session().get_service_model(service).operation_names
            found[service] |= {name for name in operations if xform_name(name) in named}
    return found


def told_apart() -> dict[str, set[str]]:
    """The errors of each service that our code tells apart."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for source, services in asking():
        if errors := set(re.findall(r"\.exceptions\.(\w+)", source)) - {"ClientError"}:
            (service,) = services
            found[service] |= errors
    return found


def asking() -> Iterator[tuple[str, set[str]]]:
    """Every source that asks AWS, with the services it asks."""
    made = re.findall(
        r'^def (\w+)\(\) -> "\w+Client":.*?_client\(\s*"([a-z0-9-]+)"',
        CLIENTS.read_text(),
        re.DOTALL | re.MULTILINE,
    )
    for path in CLIENTS.parents[2].rglob("*.py"):
        source = path.read_text()
        services = {service for name, service in made if re.search(rf"\bclients\.{name}\(\)", source)}
        if services - _ASKED_BY_OPERATORS:
            yield source, services - _ASKED_BY_OPERATORS
