"""The functions' packages, built once for this machine, and the functions running from them."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from infra.permissions import OBJECT_ACTIONS, TABLE_ACTIONS
from moto.core.exceptions import JsonRESTError
from moto.dynamodb.responses import DynamoHandler
from moto.s3.responses import S3Response

from foliolens.kit.database import Database
from infra import packages
from tests.api.conftest import server
from tests.postgres import opened_clone

from .investors import Investor, new_investor
from .queues import Arrivals, arrivals

__all__ = ["built", "server"]

FUNCTIONS = ("api", "auth", "market", "migrate", "predict", "schedule", "sentiment", "uploads")
IN_A_TRANSACTION = {"PutItem", "UpdateItem"}
ON_OBJECTS = {"GET": "GetObject", "HEAD": "GetObject", "PUT": "PutObject", "DELETE": "DeleteObject"}


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packages")
    packages.build(folder, functions=FUNCTIONS, target=packages.host())
    return folder


@pytest.fixture(scope="session", autouse=True)
def roles() -> Iterator[None]:
    """Keep each function from what its role does not allow it to do with the table and with objects."""
    asked_table, asked_object = DynamoHandler.call_action, S3Response._key_response

    def with_the_table(self: DynamoHandler) -> Any:
        asked = self._get_action()
        role = role_of(self.headers["Authorization"])
        wanted = IN_A_TRANSACTION if asked == "TransactWriteItems" else {asked}
        if role in FUNCTIONS and not wanted <= set(TABLE_ACTIONS.get(role.title(), ())):
            raise JsonRESTError("AccessDeniedException", f"{role} may not {asked}")
        return asked_table(self)

    def with_an_object(self: S3Response, request: Any, full_url: str) -> Any:
        role, key = role_of(request.headers.get("Authorization", "")), self.parse_key_name()
        wanted = [(ON_OBJECTS[request.method], key)]
        if "x-amz-copy-source" in request.headers:
            wanted.append(("GetObject", request.headers["x-amz-copy-source"].partition("/")[2]))
        if role in FUNCTIONS and not all(may(role, *each) for each in wanted):
            return 403, {}, f"<Error><Code>AccessDenied</Code><Message>{role}: {wanted}</Message></Error>"
        return asked_object(self, request, full_url)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DynamoHandler, "call_action", with_the_table)
        patch.setattr(S3Response, "_key_response", with_an_object)
        yield


def role_of(authorization: str) -> str:
    """Whose request it is: each function signs with a name of its own."""
    return authorization.partition("Credential=")[2].partition("/")[0]


def may(role: str, action: str, key: str) -> bool:
    """Whether a function may do this with the object of a key."""
    return any(
        action in actions and fnmatchcase(key, pattern)
        for pattern, actions in OBJECT_ACTIONS.get(role.title(), {}).items()
    )


@pytest.fixture(scope="module")
def database(template_url: str) -> Iterator[Database]:
    """A migrated database of the module's own, which its functions use too."""
    with opened_clone(template_url, pool_size=2) as opened:
        yield opened


@pytest.fixture(scope="module")
def cloud(aws: str) -> Arrivals:
    """A bucket of the module's own that announces its files."""
    return arrivals()


@pytest.fixture
def investor(database: Database, cloud: Arrivals) -> Investor:
    return new_investor(database, cloud.bucket)
