"""What several tests do over HTTP: send a file as a client does, and read an answer of the contract."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from typing import Any

import httpx

STANDARD_CSV = (
    b"Symbol,Name,Asset Type,Dollar Amount\n"
    b"VTI,Vanguard Total Stock Market,etf,6000.00\n"
    b"BND,Vanguard Total Bond Market,etf,3000.00\n"
    b"AAPL,Apple Inc.,stock,1000.00\n"
)

FINAL = {"COMPLETED", "FAILED", "EXPIRED", "UNDONE"}


def exact(response: httpx.Response) -> Any:
    """The body with numbers exactly as they were on the wire."""
    return json.loads(response.text, parse_float=Decimal)


def assert_error(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The answer is this error, in the one form errors have."""
    body: dict[str, Any] = response.json()
    assert (response.status_code, body.get("error")) == (status, code), response.text
    assert set(body) - {"details"} == {"error", "message", "requestId"}
    assert body["message"]
    assert body["requestId"] == response.headers["x-request-id"]
    assert response.headers["content-type"] == "application/json"
    return body


def problems(body: dict[str, Any]) -> set[tuple[str, str]]:
    """Field and code of every problem of a validation error."""
    return {(problem["field"], problem["code"]) for problem in body["details"]}


def holding(symbol: str, amount: object, **more: object) -> dict[str, object]:
    return {"symbol": symbol, "dollarAmount": amount, **more}


def portfolio(name: str = "Retirement", *assets: dict[str, object], **more: object) -> dict[str, object]:
    chosen = assets or (holding("VTI", 6000), holding("BND", 3000), holding("AAPL", 1000))
    return {"name": name, "assets": list(chosen), **more}


def create_portfolio(client: httpx.Client, **body: Any) -> dict[str, Any]:
    created = client.post("/portfolios", json=body or portfolio())
    assert created.status_code == 201, created.text
    answer: dict[str, Any] = exact(created)
    return answer


def ask_for_upload(
    client: httpx.Client, content: bytes, portfolio_id: str | None = None, **options: object
) -> dict[str, Any]:
    """The ticket: where and how to send the file."""
    path = f"/portfolios/{portfolio_id}/upload" if portfolio_id else "/uploads"
    body = {"filename": "holdings.csv", "size": len(content), "contentType": "text/csv", **options}
    asked = client.post(path, json=body)
    assert asked.status_code == 201, asked.text
    ticket: dict[str, Any] = asked.json()
    return ticket


def send_file(ticket: dict[str, Any], content: bytes) -> httpx.Response:
    """Send the file as the ticket says, without the API's credentials."""
    return httpx.request(
        ticket["method"], ticket["uploadUrl"], headers=ticket["headers"], content=content, timeout=30
    )


def settled(client: httpx.Client, upload_id: str, seconds: float = 30) -> dict[str, Any]:
    """Poll the status until the upload has ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        status = client.get(f"/upload/{upload_id}/status")
        assert status.status_code == 200, status.text
        answer: dict[str, Any] = exact(status)
        if answer["status"] in FINAL:
            return answer
        time.sleep(0.02)
    raise AssertionError(f"the upload did not end within {seconds} s: {answer}")


def upload(
    client: httpx.Client, content: bytes, portfolio_id: str | None = None, **options: object
) -> dict[str, Any]:
    """Ask, send, poll: how the upload ended."""
    ticket = ask_for_upload(client, content, portfolio_id, **options)
    sent = send_file(ticket, content)
    assert sent.status_code == 200, sent.text
    return settled(client, ticket["uploadId"])


def amounts(client: httpx.Client, portfolio_id: str) -> dict[str, str]:
    """The holdings of a portfolio: symbol to amount, as written on the wire."""
    body = exact(client.get(f"/portfolios/{portfolio_id}"))
    return {asset["symbol"]: str(asset["dollarAmount"]) for asset in body["assets"]}
