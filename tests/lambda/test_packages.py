"""The packages themselves: the same from the same tree, small enough, with all that AWS is asked for."""

from __future__ import annotations

import json
import os
import re
import zipfile
from pathlib import Path

import pytest

from foliolens.adapters.aws import clients
from infra import packages, sdk_data

from .conftest import FUNCTIONS

_ASKED_BY_OPERATORS = {"sqs"}


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


def test_the_sdk_knows_every_service_that_functions_ask(built: Path) -> None:
    source = Path(clients.__file__).read_text()
    asked = set(re.findall(r'_client\(\s*"([a-z0-9-]+)"', source))

    assert asked == set(sdk_data.SERVICES) | _ASKED_BY_OPERATORS
    with zipfile.ZipFile(built / "api.zip") as archive:
        described = {
            match[1]
            for name in archive.namelist()
            if (match := re.match(r"botocore/data/([^/]+)/[^/]+/service-2\.json$", name))
        }
    assert described == set(sdk_data.SERVICES)


def test_no_package_brings_models_of_a_former_kind_which_every_start_would_load(built: Path) -> None:
    for function in FUNCTIONS:
        with zipfile.ZipFile(built / f"{function}.zip") as archive:
            assert not [name for name in archive.namelist() if name.startswith("pydantic/v1/")]
