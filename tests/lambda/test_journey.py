"""An investor's whole way through the functions, answer for answer what the local server says.

The same requests go to a local server and to the functions `api` and `uploads`, each behind its own database
and with prices that the same provider reported; S3, SQS and DynamoDB are moto's, API Gateway's events are
canned.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import providers
from tests.api.conftest import running_server, signed_up
from tests.api.exchanges import STANDARD_CSV, holding, portfolio
from tests.emf import assert_follows_the_specification, facts_of_lines, lines_of_log

from .sides import DOCUMENT, Answer, Cloud, Local, Side, comparable, differing, functions

OTHER_FUNCTIONS = {
    "auth": "the function `auth`, which speaks to Cognito",
    "market": "compared in test_market.py, and the outlook in test_outlook.py",
    "sentiment": "compared in test_sentiment.py",
    "prediction": "compared in test_predict.py",
}
"""Tags of operations that the function `api` does not answer, with the reason."""
NOT_HERE = {
    ("GET", "/v1/ops/summary"): "CloudWatch's dashboards and alarms",
    ("POST", "/v1/ops/dead-letters/redrive"): "`foliolens admin dead-letters --redrive`",
    ("DELETE", "/v1/user"): "the function `auth`, since it asks for the password",
}

PRICED = ("AAPL", "BND", "QQQ", "SPY", "VTI")
"""What the journey needs prices of; whoever asks for others finds them pending here and there by chance."""


def journey(side: Side) -> None:
    """Everything that the function `api` answers, what is refused included."""
    side.fetch_prices(PRICED)
    side.call("GET", "/health", signed_in=False)
    side.call("GET", "/ready", signed_in=False)
    side.call("GET", "/portfolios")
    _profile(side)
    first = _portfolios(side)
    imported = _uploads(side)
    _analysis(side, first, imported)
    _sharing(side, first)
    side.call("GET", "/portfolios?limit=1&sortBy=name&sortOrder=desc")
    side.call("GET", "/portfolios?limit=0")
    side.call("GET", "/user/export")
    side.call("DELETE", f"/portfolios/{first}")
    side.call("GET", f"/portfolios/{first}")
    side.call("GET", "/portfolios", signed_in=False)


def _profile(side: Side) -> None:
    side.call("GET", "/user/profile")
    side.call("PUT", "/user/profile", {"firstName": "Augusta", "riskTolerance": "aggressive"})
    side.call("PUT", "/user/profile", {"riskTolerance": "reckless"})
    side.call("GET", "/user/preferences")
    side.call("PUT", "/user/preferences", {"notifications": {"weeklyReports": False}})


def _portfolios(side: Side) -> str:
    body = portfolio("Retirement", holding("VTI", 6000), holding("BND", 3000), holding("AAPL", 1000))
    key = {"Idempotency-Key": "one-and-the-same"}
    created = side.call("POST", "/portfolios", body, **key).json
    side.call("POST", "/portfolios", body, **key)
    side.call("POST", "/portfolios", {**body, "name": "Another"}, **key)
    side.call("POST", "/portfolios", {"name": "", "assets": [{"symbol": "VTI", "dollarAmount": "much"}]})
    side.call("POST", "/portfolios", portfolio("Cash", holding("SPAXX", 100, type="cash")))
    identifier = str(created["id"])
    read = side.call("GET", f"/portfolios/{identifier}").json
    changed = {**body, "name": "Retirement, changed", "version": read["version"]}
    side.call("PUT", f"/portfolios/{identifier}", changed)
    side.call("PUT", f"/portfolios/{identifier}", changed)
    side.call("GET", "/portfolios/00000000-0000-4000-8000-000000000000")
    side.call("GET", "/portfolios/no-id")
    return identifier


def _uploads(side: Side) -> str:
    side.call("POST", "/uploads", {"filename": "h.csv", "size": 10, "contentType": "text/csv"})
    side.call("POST", "/uploads", {"filename": "h.csv", "size": 0})
    good = side.upload(STANDARD_CSV, portfolioName="Imported")
    status = side.call("GET", f"/upload/{good}/status").json
    imported = str(status["portfolioId"])
    replaced = side.upload(STANDARD_CSV.replace(b"6000", b"7000"), imported)
    side.call("POST", f"/portfolios/{imported}/upload", {"filename": "h.csv", "size": 10})
    side.call("GET", f"/upload/{replaced}/status")
    side.call("POST", f"/upload/{replaced}/undo")
    broken = side.upload(b"Symbol,Dollar Amount\nVTI,many\nBND,1\n")
    side.call("GET", f"/upload/{broken}/status")
    side.call("GET", f"/upload/{broken}/errors.csv")
    side.call("POST", f"/upload/{broken}/undo")
    return imported


def _analysis(side: Side, first: str, imported: str) -> None:
    side.call("GET", f"/portfolios/{imported}/risk")
    side.call("GET", f"/portfolios/{imported}/risk?benchmark=QQQ")
    side.call("GET", f"/portfolios/{imported}/rebalance")
    side.call(
        "POST", f"/portfolios/{imported}/rebalance", {"targets": {"model": "moderate"}, "cashFlow": 500}
    )
    side.call("POST", f"/portfolios/{imported}/rebalance", {"targets": {"method": "risk_parity"}})
    side.call("POST", "/portfolios/compare", {"portfolioIds": [first, imported]})
    side.call("POST", "/portfolios/compare", {"portfolioIds": [first]})


def _sharing(side: Side, first: str) -> None:
    shared = side.call(
        "POST", f"/portfolios/{first}/share", {"expiresIn": "7d", "permissions": ["view", "analyze"]}
    ).json
    side.call("POST", f"/portfolios/{first}/share", {"expiresIn": "for ever"})
    token = shared["shareToken"]
    side.call("GET", f"/shared/{token}", signed_in=False)
    side.call("GET", f"/shared/{token}/risk", signed_in=False)
    side.call("GET", f"/shared/{'A' * 43}", signed_in=False)
    (link,) = side.call("GET", f"/portfolios/{first}/shares").json["shares"]
    side.call("DELETE", f"/portfolios/{first}/shares/{link['shareId']}")
    side.call("GET", f"/shared/{token}", signed_in=False)


@pytest.fixture(scope="module")
def fakes() -> Iterator[providers.Fakes]:
    with providers.running_both(providers.walking) as started:
        yield started


@pytest.fixture(scope="module")
def local(fakes: providers.Fakes) -> Iterator[Local]:
    limits = {"rate_limits": "on", "rate_anonymous_per_minute": "1000"}
    with (
        running_server(**providers.settings_for(*fakes), **limits) as server,
        signed_up(server) as user,
    ):
        side = Local(server, user.client)
        journey(side)
        yield side


@pytest.fixture(scope="module")
def cloud(
    built: Path,
    aws: str,
    template_url: str,
    fakes: providers.Fakes,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Cloud]:
    with functions(built, aws, template_url, fakes, tmp_path_factory.mktemp("functions")) as side:
        journey(side)
        yield side


def test_only_what_has_prices_was_asked_for(local: Local, cloud: Cloud, fakes: providers.Fakes) -> None:
    prices, _ = fakes
    asked = [asked.path.split("/")[3] for asked in prices.asked]

    assert sorted(asked) == sorted([*PRICED, *PRICED])
    assert list(cloud.jobs.records()) == []


def test_every_answer_is_the_local_servers(local: Local, cloud: Cloud) -> None:
    assert len(local.answers) == len(cloud.answers)
    for ours, theirs in zip(cloud.answers, local.answers, strict=True):
        assert ours.operation == theirs.operation
        assert ours.status == theirs.status, (ours, theirs)
    for ours, theirs in zip(comparable(cloud.answers), comparable(local.answers), strict=True):
        assert differing(ours, theirs) == []


def test_most_of_it_went_well(cloud: Cloud) -> None:
    statuses = [answer.status for answer in cloud.answers]

    assert sum(status < 300 for status in statuses) > 25
    assert max(statuses) < 500
    assert {400, 401, 404, 409} <= set(statuses)


def test_every_header_is_the_local_servers(local: Local, cloud: Cloud) -> None:
    for ours, theirs in zip(cloud.answers, local.answers, strict=True):
        assert {**headers_of(ours), "location": None} == {**headers_of(theirs), "location": None}, ours


def test_every_route_of_the_function_is_compared(cloud: Cloud) -> None:
    compared = {answer.operation for answer in cloud.answers}
    expected = {
        (method.upper(), path)
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
        if not set(operation["tags"]) & OTHER_FUNCTIONS.keys()
    }

    assert expected - compared == NOT_HERE.keys()


def test_the_log_holds_nothing_of_the_person(cloud: Cloud) -> None:
    for function in (cloud.api, cloud.worker):
        written = re.sub(r'"Timestamp":\d+', "", function.log.read_text())  # which may hold any digits
        assert "Lovelace" not in written
        assert cloud.email not in written
        assert "6000" not in written


def test_each_request_leaves_one_line_of_metrics(cloud: Cloud) -> None:
    lines = lines_of_log(cloud.api.log)

    for line in lines:
        assert_follows_the_specification(line)
        assert [len(line["requests"]), len(line["RequestMilliseconds"])] == [1, 1]
    facts = facts_of_lines(lines)
    for operation, status in {(answer.operation, answer.status) for answer in cloud.answers}:
        if operation[1] in DOCUMENT["paths"]:
            assert facts["requests", *operation, str(status)] > 0, operation
    worked = facts_of_lines(lines_of_log(cloud.worker.log))
    counted = {
        fact[1]: facts.get(fact, 0) + worked.get(fact, 0) for fact in {*facts, *worked} if fact[0] == "events"
    }
    assert counted == {
        "portfolio-created": 2,  # one of a file
        "portfolio-deleted": 1,
        "upload-accepted": 5,
        "upload-imported": 2,
        "upload-failed": 1,
    }


COUNTED = frozenset({"x-ratelimit-remaining", "x-ratelimit-reset", "retry-after"})
OF_THE_SERVER = frozenset({"server", "date", "content-length", "vary", "content-encoding"})


def headers_of(answer: Answer) -> dict[str, str | None]:
    """The headers, counts and lengths left out."""
    return {
        name: None if name in COUNTED else value
        for name, value in answer.headers.items()
        if name not in OF_THE_SERVER
    }
