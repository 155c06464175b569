"""The API answers whatever its own document allows and forbids: schemathesis, every check, every operation.

A real server on loopback, a user of its own for every operation, 100 examples each beside schemathesis's
systematic ones. `make fuzz` looks longer (`FUZZ_EXAMPLES`), as nobody, as a user and as an operator
(`FUZZ_CALLERS`). Examples are derandomised.

Where the checks are not at their defaults, and why:

- `negative_data_rejection` also accepts 413: its longest list makes a body over 1 MiB, which is refused
  before it is read.
- `positive_data_acceptance` also accepts 422, "well-formed but impossible" in the contract, and 400 where the
  answer names a rule that no JSON schema can state (sums, duplicates, what fits together, limits that are
  settings); `only_rules_refuse` checks that no refusal of valid data is about its shape. U+0000 is the
  exception: it is refused wherever it stands in a body, even in keys that are ignored otherwise.
- No credentials are generated, the test signs in; `ignored_auth` repeats requests without and with wrong
  ones.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.core.parameters import ParameterLocation

from foliolens.adapters.local.postgres import running_url
from foliolens.entrypoints.application import api_document
from tests.api.conftest import PASSWORD, Server

_PORTFOLIO = {
    "name": "Seed",
    "assets": [
        {"symbol": "VTI", "dollarAmount": 6000},
        {"symbol": "BND", "dollarAmount": 4000},
    ],
}
_CSV = b"Symbol,Dollar Amount\nVTI,6000.00\nBND,4000.00\n"
_CODES_OF_SHAPE = {"INVALID_JSON", "INVALID_TYPE", "INVALID_VALUE", "UNKNOWN_FIELD"}
_NEGATIVE = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "428", "429"]
_POSITIVE = ["2xx", "400", "401", "403", "404", "409", "422"]
_CALLERS = os.environ.get("FUZZ_CALLERS", "user").split()

schema = schemathesis.openapi.from_dict(
    api_document(),
    config=SchemathesisConfig.from_dict(
        {
            "seed": 20_240_229,
            "generation": {
                "deterministic": True,
                "with-security-parameters": False,
                "max-examples": int(os.environ.get("FUZZ_EXAMPLES", "100")),
            },
            "checks": {
                "negative_data_rejection": {"expected-statuses": _NEGATIVE},
                "positive_data_acceptance": {"expected-statuses": _POSITIVE},
            },
        }
    ),
)


class RefusedForItsShape(Failure):
    """Valid data were refused, and not by a rule of the domain."""

    __slots__ = ()


def only_rules_refuse(_: object, response: Any, case: schemathesis.Case) -> None:
    """What the document allows is refused for a rule of the domain or not at all."""
    positive = case.meta is not None and case.meta.generation.mode.is_positive
    if not positive or response.status_code != 400 or b"\\u0000" in (response.request.body or b""):
        return
    codes = {problem["code"] for problem in response.json().get("details", [])}
    if not codes or codes & _CODES_OF_SHAPE:
        raise RefusedForItsShape(
            operation=case.operation.label,
            title="Valid data refused for their shape",
            message=response.text,
        )


@dataclass
class Account:
    """A signed-in user with two portfolios, a finished upload and a link."""

    url: str
    email: str
    client: httpx.Client
    portfolio_id: str = ""
    other_portfolio_id: str = ""
    upload_id: str = ""
    share_id: str = ""
    token: str = ""

    def sign_in(self) -> None:
        answer = self.client.post("/auth/login", json={"email": self.email, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        self.client.headers["Authorization"] = f"Bearer {answer.json()['accessToken']}"

    def add_portfolio(self) -> None:
        answer = self.client.post("/portfolios", json=_PORTFOLIO)
        assert answer.status_code == 201, answer.text
        self.portfolio_id = answer.json()["id"]

    def add_upload(self) -> None:
        wanted = {"filename": "seed.csv", "size": len(_CSV)}
        answer = self.client.post(f"/portfolios/{self.portfolio_id}/upload", json=wanted)
        assert answer.status_code == 201, answer.text
        self.upload_id = answer.json()["uploadId"]

    def add_share(self) -> None:
        wanted = {"permissions": ["view", "analyze"]}
        answer = self.client.post(f"/portfolios/{self.portfolio_id}/share", json=wanted)
        assert answer.status_code == 201, answer.text
        self.share_id, self.token = answer.json()["shareId"], answer.json()["shareToken"]

    def replace_portfolio(self) -> None:
        self.add_portfolio()
        self.add_share()


@pytest.fixture(params=_CALLERS)
def caller(request: pytest.FixtureRequest) -> str:
    """Who calls: `anonymous`, `user` or `operator`."""
    assert request.param in {"anonymous", "user", "operator"}
    return str(request.param)


def _make_operator(server: Server, email: str) -> None:
    """As an operator is made: no route does it."""
    url = running_url(server.data / "postgres")
    assert url is not None
    with psycopg.connect(url) as connection:
        made = connection.execute("UPDATE identity.users SET operator = true WHERE email = %s", (email,))
        assert made.rowcount == 1


@pytest.fixture
def account(server: Server, caller: str) -> Iterator[Account]:
    with httpx.Client(base_url=f"{server.url}/v1", timeout=30) as client:
        registered = Account(server.url, f"fuzz-{uuid4().hex}@example.com", client)
        person = {"email": registered.email, "password": PASSWORD, "firstName": "Ada", "lastName": "Lovelace"}
        assert client.post("/auth/register", json=person).status_code == 201
        if caller == "operator":
            _make_operator(server, registered.email)
        registered.sign_in()
        registered.add_portfolio()
        registered.other_portfolio_id = registered.portfolio_id
        registered.add_portfolio()
        registered.add_upload()
        registered.add_share()
        yield registered


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as opened:
        yield opened


# The account is meant to be one for all examples: what an example leaves behind is met by the next ones.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def _no_example_breaks_the_contract(
    case: schemathesis.Case, account: Account, caller: str, session: requests.Session
) -> None:
    _aim_at_what_is_there(case, account)

    response = case.call_and_validate(
        base_url=account.url,
        session=session,
        headers={} if caller == "anonymous" else _headers(case, account),
        additional_checks=[only_rules_refuse],
    )

    _restore(case, account, response.status_code)


def _aim_at_what_is_there(case: schemathesis.Case, account: Account) -> None:
    """Turn half of the random ids into those of the user's own objects, never met by chance.

    What was made to be wrong stays as it is, or it would be right.
    """
    there = {
        "portfolioId": account.portfolio_id,
        "uploadId": account.upload_id,
        "shareId": account.share_id,
        "token": account.token,
        "ticker": "AAPL",
    }
    if not case.meta.is_negative_at(ParameterLocation.PATH):
        for name, value in (case.path_parameters or {}).items():
            if _chosen(name, str(value)):
                case.path_parameters[name] = there[name]
    if case.meta.is_negative_at(ParameterLocation.BODY):
        return
    named = case.body.get("portfolioIds") if isinstance(case.body, dict) else None
    if isinstance(named, list) and len(named) == 2 and _chosen("portfolioId", str(named[0])):
        named[:] = [account.portfolio_id, account.other_portfolio_id]


def _chosen(name: str, value: str) -> bool:
    if name in {"token", "ticker"}:
        return len(value) % 2 == 1
    try:
        return UUID(value).int % 2 == 1
    except ValueError:
        return False


def _headers(case: schemathesis.Case, account: Account) -> dict[str, str]:
    private = bool(case.operation.definition.raw.get("security"))
    return {"Authorization": account.client.headers["Authorization"]} if private else {}


def _restore(case: schemathesis.Case, account: Account, status: int) -> None:
    """Put back what a successful call took away."""
    if status != 200:
        return
    undo: dict[tuple[str, str], Callable[[], None]] = {
        ("POST", "/v1/auth/logout"): account.sign_in,
        ("DELETE", "/v1/portfolios/{portfolioId}"): account.replace_portfolio,
        ("DELETE", "/v1/portfolios/{portfolioId}/shares/{shareId}"): account.add_share,
    }
    undo.get((case.method.upper(), case.path), lambda: None)()


def _tests() -> Iterator[tuple[str, Callable[..., None]]]:
    """A test for each operation under a name of its own.

    Under one name for all, as `schema.parametrize` makes them, pytest-xdist would run the first only.
    """
    for result in schema.get_all_operations():
        identifier = result.ok().definition.raw["operationId"]
        only = schema.include(operation_id=identifier)
        yield f"test_{identifier}", only.parametrize()(_no_example_breaks_the_contract)


globals().update(_tests())
