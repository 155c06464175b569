"""The functions' packages, built once for this machine, and the functions running from them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from infra.permissions import TABLE_ACTIONS
from moto.core.exceptions import JsonRESTError
from moto.dynamodb.responses import DynamoHandler

from foliolens.kit.database import Database
from infra import packages
from tests.api.conftest import server
from tests.postgres import opened_clone

from .investors import Investor, new_investor
from .queues import Arrivals, arrivals

__all__ = ["built", "server"]

FUNCTIONS = ("api", "auth", "market", "migrate", "predict", "schedule", "sentiment", "uploads")
IN_A_TRANSACTION = {"PutItem", "UpdateItem"}


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packages")
    packages.build(folder, functions=FUNCTIONS, target=packages.host())
    return folder


@pytest.fixture(scope="session", autouse=True)
def roles() -> Iterator[None]:
    """Keep each function from what its role does not allow it to do with the table."""
    answered = DynamoHandler.call_action

    def if_allowed(self: DynamoHandler) -> Any:
        asked = self._get_action()
        role = self.headers["Authorization"].partition("Credential=")[2].partition("/")[0]
        wanted = IN_A_TRANSACTION if asked == "TransactWriteItems" else {asked}
        if role in FUNCTIONS and not wanted <= set(TABLE_ACTIONS.get(role.title(), ())):
            raise JsonRESTError("AccessDeniedException", f"{role} may not {asked}")
        return answered(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DynamoHandler, "call_action", if_allowed)
        yield


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
