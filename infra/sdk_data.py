"""Cuts botocore's descriptions of AWS down to what our functions ask for.

A client reads the description of its service, with its documentation, and the endpoints of all 400 services:
half of the time that making one takes, in each cold start, and 30 MB.
"""

import gzip
import json
import shutil
from pathlib import Path
from typing import Any, Final

__all__ = ["SERVICES", "cut"]

SERVICES: Final = ("cognito-idp", "dynamodb", "lambda", "rds", "s3", "secretsmanager")
"""Those that functions ask; SQS is asked by an operator only."""

_WITH_TEXT: Final = "service-2.json"
_NEVER_READ: Final = "examples-1.json"


def cut(data: Path) -> None:
    """Leave the services named above, with empty documentation, and their endpoints.

    Args:
        data: botocore's folder `data`.
    """
    for folder in [entry for entry in data.iterdir() if entry.is_dir()]:
        if folder.name not in SERVICES:
            shutil.rmtree(folder)
            continue
        for file in [entry for entry in folder.rglob("*.json*") if entry.is_file()]:
            described = _read(file)
            file.unlink()
            name = file.name.removesuffix(".gz")
            if name == _NEVER_READ:
                continue
            # Unpacked: a package is a zip already, and nothing unpacks twice at a start.
            _write(file.with_name(name), _without_text(described) if name == _WITH_TEXT else described)
    endpoints = _read(data / "endpoints.json")
    for partition in endpoints["partitions"]:
        partition["services"] = {
            name: known for name, known in partition["services"].items() if name in SERVICES
        }
    _write(data / "endpoints.json", endpoints)


def _without_text(described: Any) -> Any:
    """Without what explains things to people: texts named `documentation` are empty, for some are read."""
    if isinstance(described, list):
        return [_without_text(item) for item in described]
    if not isinstance(described, dict):
        return described
    return {
        name: "" if name == "documentation" and isinstance(value, str) else _without_text(value)
        for name, value in described.items()
    }


def _read(file: Path) -> Any:
    content = file.read_bytes()
    return json.loads(gzip.decompress(content) if file.suffix == ".gz" else content)


def _write(file: Path, described: Any) -> None:
    file.write_text(json.dumps(described, separators=(",", ":")))
