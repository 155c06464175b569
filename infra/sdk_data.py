"""Cuts botocore's descriptions of AWS down to what our functions ask for.

A client reads the description of its service, with its documentation and all that can be asked, and the
endpoints of all 400 services: more than half of the time that making one takes, in each cold start, and
30 MB.
"""

import gzip
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

__all__ = ["OPERATIONS", "cut"]

OPERATIONS: Final[Mapping[str, frozenset[str]]] = {
    "cognito-idp": frozenset(
        {
            "AdminDeleteUser",
            "AdminGetUser",
            "AdminInitiateAuth",
            "AdminRespondToAuthChallenge",
            "AdminUpdateUserAttributes",
            "AdminUserGlobalSignOut",
            "AssociateSoftwareToken",
            "ConfirmForgotPassword",
            "ConfirmSignUp",
            "ForgotPassword",
            "GetTokensFromRefreshToken",
            "GetUser",
            "GlobalSignOut",
            "ResendConfirmationCode",
            "RevokeToken",
            "SetUserMFAPreference",
            "SignUp",
            "VerifySoftwareToken",
        }
    ),
    "dynamodb": frozenset(
        {
            "BatchGetItem",
            "BatchWriteItem",
            "DeleteItem",
            "GetItem",
            "PutItem",
            "Query",
            "Scan",
            "TransactWriteItems",
            "UpdateItem",
        }
    ),
    "lambda": frozenset({"Invoke"}),
    "rds": frozenset(),  # signs tokens, which asks nobody
    "s3": frozenset(
        {
            "CopyObject",
            "CreateBucket",  # whose description botocore signs forms by
            "DeleteObject",
            "GetObject",
            "HeadBucket",  # what botocore asks where a bucket is in another region
            "HeadObject",
            "PutObject",
        }
    ),
    "secretsmanager": frozenset({"GetSecretValue"}),
    "ssm": frozenset({"GetParameter", "PutParameter"}),
}
"""What functions ask, by service; SQS is asked by an operator only."""

_WITH_OPERATIONS: Final = "service-2.json"
_NEVER_READ: Final = "examples-1.json"


def cut(data: Path) -> None:
    """Leave the services and operations named above, with empty documentation, and their endpoints.

    Args:
        data: botocore's folder `data`.
    """
    for folder in [entry for entry in data.iterdir() if entry.is_dir()]:
        if folder.name not in OPERATIONS:
            shutil.rmtree(folder)
            continue
        for file in [entry for entry in folder.rglob("*.json*") if entry.is_file()]:
            described = _read(file)
            file.unlink()
            name = file.name.removesuffix(".gz")
            if name == _NEVER_READ:
                continue
            if name == _WITH_OPERATIONS:
                described = _without_text(_only(described, OPERATIONS[folder.name]))
            # Unpacked: a package is a zip already, and nothing unpacks twice at a start.
            _write(file.with_name(name), described)
    endpoints = _read(data / "endpoints.json")
    for partition in endpoints["partitions"]:
        partition["services"] = {
            name: known for name, known in partition["services"].items() if name in OPERATIONS
        }
    _write(data / "endpoints.json", endpoints)


def _only(described: dict[str, Any], operations: frozenset[str]) -> dict[str, Any]:
    """A service with some of its operations, and the shapes that these and their errors are made of."""
    kept = {name: known for name, known in described["operations"].items() if name in operations}
    shapes: dict[str, Any] = {}
    named = set(_shapes_named_in(kept))
    while named:
        name = named.pop()
        shapes[name] = described["shapes"][name]
        named |= set(_shapes_named_in(shapes[name])) - shapes.keys()
    # In their own order, so that the same comes out each time.
    ordered = {name: shape for name, shape in described["shapes"].items() if name in shapes}
    return {**described, "operations": kept, "shapes": ordered}


def _shapes_named_in(described: Any) -> Iterator[str]:
    if isinstance(described, list):
        for item in described:
            yield from _shapes_named_in(item)
    elif isinstance(described, dict):
        for name, value in described.items():
            if name == "shape" and isinstance(value, str):
                yield value
            else:
                yield from _shapes_named_in(value)


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
    file.unlink(missing_ok=True)  # it may be the installer's own, which other installations are linked to
    file.write_text(json.dumps(described, separators=(",", ":")))
