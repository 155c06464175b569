"""Uploads over HTTP, exactly as a client does them: ask, send the file, poll."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import httpx
import pytest

from foliolens.adapters.local.disk_store import DiskObjectStore
from foliolens.uploads.models import object_key

from .conftest import Server, User, signed_up
from .exchanges import (
    STANDARD_CSV,
    amounts,
    ask_for_upload,
    assert_error,
    create_portfolio,
    exact,
    holding,
    portfolio,
    problems,
    send_file,
    settled,
    upload,
)

MISSING = "00000000-0000-4000-8000-000000000000"
MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def user(server: Server) -> Iterator[User]:
    """One user for all tests that do not care what else the user has."""
    with signed_up(server) as member:
        yield member


def fresh_csv() -> bytes:
    """A good file that nobody has uploaded before."""
    return STANDARD_CSV.replace(b"Apple Inc.", f"Apple {uuid4().hex}".encode())


def as_answered(user: User, portfolio_id: str) -> str:
    """A portfolio as the API answers, without what every write and every look changes."""
    body = exact(user.client.get(f"/portfolios/{portfolio_id}"))
    body["riskMetrics"].pop("asOf")
    return repr({key: value for key, value in body.items() if key not in {"version", "updatedAt"}})


class TestNewPortfolio:
    def test_a_file_becomes_a_portfolio(self, user: User) -> None:
        content = fresh_csv()
        ticket = ask_for_upload(user.client, content, portfolioName="From a file")
        assert set(ticket) == {
            "uploadId",
            "uploadUrl",
            "method",
            "headers",
            "fields",
            "expiresAt",
            "maxBytes",
        }
        assert (ticket["method"], ticket["maxBytes"]) == ("PUT", 10 * MEBIBYTE)
        waiting = user.client.get(f"/upload/{ticket['uploadId']}/status").json()
        assert (waiting["status"], waiting["progress"], waiting["portfolioId"]) == (
            "AWAITING_UPLOAD",
            0,
            None,
        )

        assert send_file(ticket, content).status_code == 200
        ended = settled(user.client, ticket["uploadId"])

        assert (ended["status"], ended["progress"], ended["errors"]) == ("COMPLETED", 100, [])
        assert ended["rows"] == {"total": 3, "imported": 3, "skipped": 0, "duplicates": 0, "errors": 0}
        assert ended["completedAt"] is not None
        stored = user.client.get(f"/portfolios/{ended['portfolioId']}").json()
        assert (stored["name"], stored["currency"], stored["version"]) == ("From a file", "USD", 1)
        assert amounts(user.client, ended["portfolioId"]) == {
            "VTI": "6000.00",
            "BND": "3000.00",
            "AAPL": "1000.00",
        }

    def test_without_a_name_the_file_gives_it(self, user: User) -> None:
        ended = upload(user.client, fresh_csv(), filename="My Broker.csv")

        assert user.client.get(f"/portfolios/{ended['portfolioId']}").json()["name"] == "My Broker"

    def test_the_ticket_is_good_for_a_quarter_of_an_hour(self, user: User) -> None:
        ticket = ask_for_upload(user.client, b"x")

        left = datetime.fromisoformat(ticket["expiresAt"]) - datetime.now(UTC)
        assert timedelta(minutes=14) < left <= timedelta(minutes=15)


class TestExistingPortfolio:
    def test_replace_puts_the_file_in_place_of_the_holdings(self, user: User) -> None:
        created = create_portfolio(
            user.client, **portfolio("Kept name", holding("MSFT", 10), holding("VTI", 90))
        )

        ended = upload(user.client, fresh_csv(), created["id"], mode="replace")

        assert (ended["status"], ended["portfolioId"]) == ("COMPLETED", created["id"])
        assert amounts(user.client, created["id"]) == {"VTI": "6000.00", "BND": "3000.00", "AAPL": "1000.00"}
        stored = user.client.get(f"/portfolios/{created['id']}").json()
        assert (stored["name"], stored["version"]) == ("Kept name", 2)

    def test_merge_adds_up(self, user: User) -> None:
        created = create_portfolio(
            user.client, **portfolio("Merged", holding("VTI", 1000.5), holding("MSFT", 1999.99))
        )

        ended = upload(user.client, fresh_csv(), created["id"], mode="merge")

        assert ended["status"] == "COMPLETED"
        assert amounts(user.client, created["id"]) == {
            "VTI": "7000.50",
            "MSFT": "1999.99",
            "BND": "3000.00",
            "AAPL": "1000.00",
        }
        stored = exact(user.client.get(f"/portfolios/{created['id']}"))
        assert str(stored["totalValue"]) == "13000.49"
        assert sum(asset["allocationPercentage"] for asset in stored["assets"]) == Decimal("100.00")

    def test_merge_adds_shares_and_weights_the_purchase_price(self, user: User) -> None:
        bought = {"shares": 10, "avgPurchasePrice": 100, "currentPrice": 200}
        created = create_portfolio(
            user.client, **portfolio("Shares", {"symbol": "VTI", **bought}, {"symbol": "BND", **bought})
        )
        content = b"Symbol,Shares,Price,Avg Price\nVTI,30,200.00,180.00\nBND,10,200.00,100.00\n"

        ended = upload(user.client, content, created["id"], mode="merge")

        assert ended["status"] == "COMPLETED", ended["errors"]
        first = exact(user.client.get(f"/portfolios/{created['id']}"))["assets"][0]
        assert (first["shares"], first["avgPurchasePrice"]) == (40, 160)
        assert str(first["dollarAmount"]) == "8000.00"

    def test_a_sum_that_breaks_a_rule_is_refused_until_overridden(self, user: User) -> None:
        created = create_portfolio(
            user.client, **portfolio("Apple", holding("AAPL", 900), holding("VTI", 300))
        )
        content = b"Symbol,Dollar Amount\nAAPL,9000.00\n"

        refused = upload(user.client, content, created["id"], mode="merge")
        accepted = upload(user.client, content, created["id"], mode="merge", overrideRules=True)

        assert (refused["status"], [error["code"] for error in refused["errors"]]) == (
            "FAILED",
            ["CONCENTRATION_LIMIT"],
        )
        assert accepted["status"] == "COMPLETED"
        assert amounts(user.client, created["id"])["AAPL"] == "9900.00"

    def test_a_refused_file_changes_nothing(self, user: User) -> None:
        created = create_portfolio(user.client, **portfolio())
        before = as_answered(user, created["id"])

        ended = upload(user.client, b"Symbol,Dollar Amount\nVTI,lots\n", created["id"])

        assert ended["status"] == "FAILED"
        assert as_answered(user, created["id"]) == before

    @pytest.mark.parametrize("portfolio_id", [MISSING, "foreign"])
    def test_only_ones_own_portfolio_takes_uploads(
        self, user: User, new_user: Callable[[], User], portfolio_id: str
    ) -> None:
        if portfolio_id == "foreign":
            portfolio_id = create_portfolio(new_user().client)["id"]
        body = {"filename": "a.csv", "size": 10, "contentType": "text/csv"}

        answer = user.client.post(f"/portfolios/{portfolio_id}/upload", json=body)

        assert_error(answer, 404, "PORTFOLIO_NOT_FOUND")

    def test_deleting_the_portfolio_takes_its_pending_upload_along(self, user: User) -> None:
        created = create_portfolio(user.client)
        content = fresh_csv()
        ticket = ask_for_upload(user.client, content, created["id"])

        deleted = user.client.delete(f"/portfolios/{created['id']}").json()
        assert deleted["deletedItems"] == {"portfolios": 1, "holdings": 3, "uploads": 1, "shares": 0}
        send_file(ticket, content)  # the file comes too late; it must not bring anything back
        later = upload(user.client, fresh_csv())

        assert later["status"] == "COMPLETED"
        assert_error(user.client.get(f"/upload/{ticket['uploadId']}/status"), 404, "UPLOAD_NOT_FOUND")
        assert_error(user.client.get(f"/portfolios/{created['id']}"), 404, "PORTFOLIO_NOT_FOUND")


class TestDryRun:
    def test_validate_only_shows_what_would_happen_and_changes_nothing(self, user: User) -> None:
        created = create_portfolio(user.client, **portfolio("Dry", holding("VTI", 60), holding("BND", 40)))
        before = as_answered(user, created["id"])

        ended = upload(user.client, fresh_csv(), created["id"], mode="merge", validateOnly=True)

        assert (ended["status"], ended["validateOnly"], ended["rows"]["imported"]) == ("COMPLETED", True, 0)
        preview = ended["preview"]
        assert str(preview["totalValue"]) == "10100.00"
        assert {asset["symbol"]: str(asset["dollarAmount"]) for asset in preview["assets"]} == {
            "VTI": "6060.00",
            "BND": "3040.00",
            "AAPL": "1000.00",
        }
        assert [column["field"] for column in preview["columns"]] == [
            "symbol",
            "name",
            "type",
            "dollarAmount",
        ]
        assert as_answered(user, created["id"]) == before

    def test_validate_only_creates_no_portfolio(self, new_user: Callable[[], User]) -> None:
        newcomer = new_user()

        ended = upload(newcomer.client, STANDARD_CSV, validateOnly=True)

        assert (ended["status"], ended["portfolioId"]) == ("COMPLETED", None)
        assert newcomer.client.get("/portfolios").json()["portfolios"] == []

    def test_a_dry_run_does_not_count_as_an_import(self, user: User) -> None:
        content = fresh_csv()
        upload(user.client, content, validateOnly=True)

        ended = upload(user.client, content)

        assert ended["rows"]["imported"] == 3
        assert ended["portfolioId"] is not None

    def test_a_dry_run_cannot_be_undone(self, user: User) -> None:
        ended = upload(user.client, fresh_csv(), validateOnly=True)

        assert_error(user.client.post(f"/upload/{ended['uploadId']}/undo"), 409, "CONFLICT")


class TestMapping:
    def test_a_mapping_says_what_a_column_is(self, user: User) -> None:
        unread = upload(user.client, b"Thing,What\nVTI,6000.00\nBND,4000.00\n")
        read = upload(
            user.client,
            b"Thing,What\nVTI,6000.00\nBND,4000.00\n",
            mapping={"Thing": "symbol", "What": "dollarAmount"},
        )

        assert unread["status"] == "FAILED"
        assert "MISSING_COLUMN" in {error["code"] for error in unread["errors"]}
        assert read["status"] == "COMPLETED", read["errors"]
        assert amounts(user.client, read["portfolioId"]) == {"VTI": "6000.00", "BND": "4000.00"}

    def test_a_total_makes_percentages_enough(self, user: User) -> None:
        content = b"Symbol,Allocation %\nVTI,60.00\nBND,40.00\n"

        ended = upload(user.client, content, totalValue=12345.67)

        assert ended["status"] == "COMPLETED", ended["errors"]
        assert amounts(user.client, ended["portfolioId"]) == {"VTI": "7407.40", "BND": "4938.27"}


class TestRejection:
    CONTENT = (
        b"Symbol,Name,Asset Type,Dollar Amount\n"
        b"VTI,Fine,etf,6000.00\n"
        b'BND,"=HYPERLINK(""http://x"")",etf,much\n'
        b"=1+1,@SUM(A1),stock,100.00\n"
        b"AAPL,Apple,lottery,-5\n"
    )

    def test_every_error_comes_with_its_place(self, user: User) -> None:
        ended = upload(user.client, self.CONTENT)

        assert (ended["status"], ended["portfolioId"]) == ("FAILED", None)
        found = {(e["line"], e["column"], e["code"], e["value"]) for e in ended["errors"]}
        assert found == {
            (3, "Dollar Amount", "INVALID_NUMBER", "much"),
            (4, "Symbol", "INVALID_SYMBOL_FORMAT", "=1+1"),
            (5, "Asset Type", "UNSUPPORTED_ASSET_TYPE", "lottery"),
            (5, "Dollar Amount", "OUT_OF_RANGE", "-5"),
        }
        assert all(error["message"] for error in ended["errors"])
        assert ended["rows"] == {"total": 4, "imported": 0, "skipped": 0, "duplicates": 0, "errors": 3}

    def test_the_rejected_rows_come_as_a_file_without_formulas(self, user: User) -> None:
        ended = upload(user.client, self.CONTENT)

        answer = user.client.get(f"/upload/{ended['uploadId']}/errors.csv")

        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/csv")
        assert answer.headers["content-disposition"] == 'attachment; filename="rejected-rows.csv"'
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert rows[0] == ["Symbol", "Name", "Asset Type", "Dollar Amount", "line", "code", "message"]
        assert [row[4] for row in rows[1:]] == ["3", "4", "5"]
        assert rows[1][1] == '\'=HYPERLINK("http://x")'
        assert rows[2][:2] == ["'=1+1", "'@SUM(A1)"]
        assert rows[3][5] == "UNSUPPORTED_ASSET_TYPE; OUT_OF_RANGE"
        assert not [cell for row in rows[1:] for cell in row if cell.startswith(("=", "+", "@", "\t"))]

    def test_a_good_file_has_no_rejected_rows(self, user: User) -> None:
        ended = upload(user.client, fresh_csv())

        assert_error(user.client.get(f"/upload/{ended['uploadId']}/errors.csv"), 404, "NOT_FOUND")

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b" ", "EMPTY_FILE"),
            (b"\x00\x01\x02\xff" * 100, "NOT_CSV"),
            (b"PK\x03\x04" + b"x" * 50, "NOT_CSV"),
        ],
    )
    def test_what_is_no_csv_is_refused_as_a_whole(self, user: User, content: bytes, code: str) -> None:
        ended = upload(user.client, content)

        assert (ended["status"], [error["code"] for error in ended["errors"]]) == ("FAILED", [code])

    @pytest.mark.parametrize(
        ("request_", "expected"),
        [
            ({"size": 10 * MEBIBYTE + 1}, {("size", "FILE_TOO_LARGE")}),
            ({"contentType": "image/png"}, {("contentType", "NOT_CSV")}),
            (
                {"size": 2**40, "contentType": "application/pdf"},
                {("size", "FILE_TOO_LARGE"), ("contentType", "NOT_CSV")},
            ),
        ],
    )
    def test_an_unfit_file_is_refused_before_it_is_sent(
        self, user: User, request_: dict[str, object], expected: set[tuple[str, str]]
    ) -> None:
        body = {"filename": "holdings.csv", "size": 10, "contentType": "text/csv", **request_}

        refused = user.client.post("/uploads", json=body)

        assert problems(assert_error(refused, 400, "FILE_VALIDATION_ERROR")) == expected

    def test_ten_mebibytes_exactly_may_be_sent(self, user: User) -> None:
        ticket = ask_for_upload(user.client, b"", size=10 * MEBIBYTE, validateOnly=True)
        blank = (b" " * 999 + b"\n") * (10 * MEBIBYTE // 1000 + 1)
        content = (STANDARD_CSV + blank)[: 10 * MEBIBYTE]

        assert send_file(ticket, content).status_code == 200
        assert settled(user.client, ticket["uploadId"])["status"] == "COMPLETED"

    @pytest.mark.parametrize(
        "content_type", ["text/csv; charset=utf-8", "application/vnd.ms-excel", "TEXT/PLAIN"]
    )
    def test_what_browsers_call_a_csv_is_one(self, user: User, content_type: str) -> None:
        content = fresh_csv()
        ticket = ask_for_upload(user.client, content, contentType=content_type)

        assert send_file(ticket, content).status_code == 200
        assert settled(user.client, ticket["uploadId"])["status"] == "COMPLETED"

    def test_the_form_of_the_request_is_checked(self, user: User) -> None:
        body = {"filename": "", "size": 0, "mode": "append", "mapping": {"A": 1}, "totalValue": 0, "x": 1}

        refused = user.client.post("/uploads", json=body)

        assert {field for field, _ in problems(assert_error(refused, 400, "VALIDATION_ERROR"))} == {
            "filename",
            "size",
            "mode",
            "mapping.A",
            "totalValue",
            "x",
        }


class TestUndo:
    def test_a_created_portfolio_is_gone(self, user: User) -> None:
        content = fresh_csv()
        ended = upload(user.client, content)

        undone = user.client.post(f"/upload/{ended['uploadId']}/undo")

        assert undone.status_code == 200, undone.text
        assert (undone.json()["status"], undone.json()["portfolioId"]) == ("UNDONE", None)
        assert_error(user.client.get(f"/portfolios/{ended['portfolioId']}"), 404, "PORTFOLIO_NOT_FOUND")
        assert user.client.get(f"/upload/{ended['uploadId']}/status").json()["status"] == "UNDONE"

    @pytest.mark.parametrize("mode", ["replace", "merge"])
    def test_a_changed_portfolio_is_as_it_was(self, user: User, mode: str) -> None:
        full = {"shares": 12.345678, "avgPurchasePrice": 90.5, "currentPrice": 100, "riskRating": 3}
        created = create_portfolio(
            user.client,
            **portfolio(
                "As it was",
                {"symbol": "VTI", **full, "expenseRatio": 0.0345, "dividendYield": 1.2},
                holding(
                    "BND", 1000.10, name="My bonds", category="corporate_bonds", geographicRegion="global"
                ),
                holding("ZZQQ", 900.01, sector="energy"),
                description="Line one\nline two",
                currency="CHF",
                isPublic=True,
                riskProfile="conservative",
                investmentHorizon="short",
            ),
        )
        user.client.get(f"/portfolios/{created['id']}/risk")
        before = as_answered(user, created["id"])
        ended = upload(user.client, fresh_csv(), created["id"], mode=mode)
        assert ended["status"] == "COMPLETED"
        assert as_answered(user, created["id"]) != before

        undone = user.client.post(f"/upload/{ended['uploadId']}/undo")

        assert (undone.status_code, undone.json()["status"]) == (200, "UNDONE")
        assert as_answered(user, created["id"]) == before

    def test_undoing_twice_is_fine(self, user: User) -> None:
        created = create_portfolio(user.client)
        ended = upload(user.client, fresh_csv(), created["id"])
        path = f"/upload/{ended['uploadId']}/undo"

        first = user.client.post(path)
        version = user.client.get(f"/portfolios/{created['id']}").json()["version"]
        second = user.client.post(path)

        assert (first.status_code, first.json()) == (second.status_code, second.json())
        assert user.client.get(f"/portfolios/{created['id']}").json()["version"] == version

    def test_what_changed_since_is_not_lost(self, user: User) -> None:
        created = create_portfolio(user.client)
        ended = upload(user.client, fresh_csv(), created["id"])
        edited = user.client.put(f"/portfolios/{created['id']}", json=portfolio("Edited", version=2))
        assert edited.status_code == 200

        assert_error(user.client.post(f"/upload/{ended['uploadId']}/undo"), 409, "CONFLICT")
        assert user.client.get(f"/portfolios/{created['id']}").json()["name"] == "Edited"

    def test_uploads_are_undone_in_reverse(self, user: User) -> None:
        created = create_portfolio(user.client)
        before = as_answered(user, created["id"])
        first = upload(user.client, fresh_csv(), created["id"], mode="merge")
        second = upload(user.client, fresh_csv(), created["id"], mode="merge")

        early = user.client.post(f"/upload/{first['uploadId']}/undo")
        latest = user.client.post(f"/upload/{second['uploadId']}/undo")

        assert_error(early, 409, "CONFLICT")
        assert latest.status_code == 200
        assert amounts(user.client, created["id"])["VTI"] == "12000.00"
        assert as_answered(user, created["id"]) != before

    def test_what_imported_nothing_cannot_be_undone(self, user: User) -> None:
        waiting = ask_for_upload(user.client, b"x")["uploadId"]
        failed = upload(user.client, b"Symbol,Dollar Amount\nVTI,lots\n")["uploadId"]

        for upload_id in (waiting, failed):
            assert_error(user.client.post(f"/upload/{upload_id}/undo"), 409, "CONFLICT")


class TestSameBytesAgain:
    def test_no_second_portfolio_is_created(self, new_user: Callable[[], User]) -> None:
        newcomer = new_user()
        first = upload(newcomer.client, STANDARD_CSV)

        second = upload(newcomer.client, STANDARD_CSV)

        assert_nothing_imported(second, first["portfolioId"])
        assert newcomer.client.get("/portfolios").json()["pagination"]["total"] == 1

    @pytest.mark.parametrize("mode", ["merge", "replace"])
    def test_a_portfolio_takes_them_once(self, user: User, mode: str) -> None:
        created = create_portfolio(user.client)
        content = fresh_csv()
        upload(user.client, content, created["id"], mode=mode)
        before = exact(user.client.get(f"/portfolios/{created['id']}"))

        again = upload(user.client, content, created["id"], mode=mode)

        assert_nothing_imported(again, created["id"])
        after = exact(user.client.get(f"/portfolios/{created['id']}"))
        assert (after["version"], after["assets"]) == (before["version"], before["assets"])

    def test_after_an_undo_they_are_imported_again(self, user: User) -> None:
        content = fresh_csv()
        first = upload(user.client, content)
        user.client.post(f"/upload/{first['uploadId']}/undo")

        again = upload(user.client, content)

        assert again["rows"]["imported"] == 3
        assert again["portfolioId"] not in {None, first["portfolioId"]}

    def test_a_replacement_puts_an_edited_portfolio_back(self, user: User) -> None:
        content = fresh_csv()
        first = upload(user.client, content)
        edited = portfolio("Edited", holding("MSFT", 1), holding("VTI", 1), version=1)
        user.client.put(f"/portfolios/{first['portfolioId']}", json=edited)

        again = upload(user.client, content, first["portfolioId"], mode="replace")

        assert again["rows"]["imported"] == 3
        assert amounts(user.client, first["portfolioId"])["VTI"] == "6000.00"

    def test_a_corrected_number_format_is_not_taken_for_a_repetition(self, user: User) -> None:
        content = b"Symbol;Wert\nSAP;8.415\nALV;6.052\nMUV2;3.780\n"
        wrong = upload(user.client, content, mapping={"numberFormat": "1,234.56"})
        assert amounts(user.client, wrong["portfolioId"])["SAP"] == "8.42"

        right = upload(
            user.client, content, wrong["portfolioId"], mode="replace", mapping={"numberFormat": "1.234,56"}
        )

        assert right["rows"]["imported"] == 3
        assert amounts(user.client, wrong["portfolioId"])["SAP"] == "8415.00"

    def test_another_users_import_does_not_count(self, user: User, new_user: Callable[[], User]) -> None:
        content = fresh_csv()
        upload(user.client, content)

        ended = upload(new_user().client, content)

        assert ended["rows"]["imported"] == 3

    def test_sending_the_file_twice_imports_it_once(self, new_user: Callable[[], User]) -> None:
        newcomer = new_user()
        content = fresh_csv()
        ticket = ask_for_upload(newcomer.client, content)
        sent = [send_file(ticket, content).status_code for _ in range(2)]
        first = settled(newcomer.client, ticket["uploadId"])

        sent.append(send_file(ticket, content).status_code)
        upload(newcomer.client, fresh_csv(), validateOnly=True)  # the queue has dealt with what came before

        assert sent == [200, 200, 200]
        assert settled(newcomer.client, ticket["uploadId"]) == first
        assert newcomer.client.get("/portfolios").json()["pagination"]["total"] == 1


def assert_nothing_imported(ended: dict[str, Any], portfolio_id: str) -> None:
    assert (ended["status"], ended["portfolioId"]) == ("COMPLETED", portfolio_id)
    assert ended["rows"] == {"total": 3, "imported": 0, "skipped": 0, "duplicates": 3, "errors": 0}
    assert [warning["code"] for warning in ended["warnings"]] == ["ALREADY_IMPORTED"]


class TestSignedRequest:
    """The local store enforces what a pre-signed request to S3 enforces."""

    @pytest.fixture
    def ticket(self, user: User) -> dict[str, Any]:
        return ask_for_upload(user.client, STANDARD_CSV, validateOnly=True)

    def test_it_needs_no_other_credentials(self, ticket: dict[str, Any]) -> None:
        assert send_file(ticket, STANDARD_CSV).status_code == 200

    @pytest.mark.parametrize("name", ["expires", "size", "type", "signature"])
    def test_a_changed_parameter_is_refused(self, ticket: dict[str, Any], name: str) -> None:
        url = httpx.URL(ticket["uploadUrl"])
        changed = {"expires": "9999999999", "size": "1", "type": "text/plain", "signature": "0" * 64}[name]

        for query in (url.copy_set_param(name, changed), url.copy_remove_param(name)):
            answer = httpx.put(query, content=STANDARD_CSV, headers=ticket["headers"])
            assert_error(answer, 403, "FORBIDDEN")

    def test_a_changed_path_is_refused(self, ticket: dict[str, Any]) -> None:
        url = httpx.URL(ticket["uploadUrl"])
        other = url.copy_with(path=url.path.replace(ticket["uploadId"], MISSING))
        climbing = url.copy_with(path="/objects/../../etc/passwd")

        for changed in (other, climbing):
            answer = httpx.put(changed, content=STANDARD_CSV, headers=ticket["headers"])
            assert answer.status_code in {403, 404}, answer.text
        assert_error(httpx.put(other, content=b"x", headers=ticket["headers"]), 403, "FORBIDDEN")

    @pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "HEAD"])
    def test_another_method_is_refused(self, ticket: dict[str, Any], method: str) -> None:
        answer = httpx.request(method, ticket["uploadUrl"], headers=ticket["headers"])

        assert (answer.status_code, answer.headers["allow"]) == (405, "PUT")

    @pytest.mark.parametrize("content_type", ["text/plain", "application/json", None])
    def test_another_content_type_is_refused(self, ticket: dict[str, Any], content_type: str | None) -> None:
        headers = {"Content-Type": content_type} if content_type else {}

        answer = httpx.put(ticket["uploadUrl"], content=STANDARD_CSV, headers=headers)

        assert_error(answer, 415, "UNSUPPORTED_MEDIA_TYPE")

    def test_a_larger_file_is_refused(self, ticket: dict[str, Any], user: User) -> None:
        answer = send_file(ticket, STANDARD_CSV + b"\n")

        assert_error(answer, 413, "PAYLOAD_TOO_LARGE")
        status = user.client.get(f"/upload/{ticket['uploadId']}/status").json()
        assert status["status"] == "AWAITING_UPLOAD"

    def test_a_smaller_file_is_refused(self, ticket: dict[str, Any]) -> None:
        answer = send_file(ticket, STANDARD_CSV[:-1])

        assert problems(assert_error(answer, 400, "VALIDATION_ERROR")) == {("file", "INCOMPLETE_FILE")}

    @pytest.mark.parametrize(
        ("content", "status", "code"),
        [
            (STANDARD_CSV + b"\n", 413, "PAYLOAD_TOO_LARGE"),
            (STANDARD_CSV[:-1], 400, "VALIDATION_ERROR"),
        ],
    )
    def test_the_size_is_counted_where_the_client_does_not_state_it(
        self, ticket: dict[str, Any], content: bytes, status: int, code: str
    ) -> None:
        def chunks() -> Iterator[bytes]:
            yield content[:10]
            yield content[10:]

        answer = httpx.put(ticket["uploadUrl"], content=chunks(), headers=ticket["headers"])

        assert_error(answer, status, code)

    def test_a_refused_file_can_be_sent_again(self, ticket: dict[str, Any], user: User) -> None:
        send_file(ticket, STANDARD_CSV[:-1])

        assert send_file(ticket, STANDARD_CSV).status_code == 200
        assert settled(user.client, ticket["uploadId"])["status"] == "COMPLETED"

    def test_an_expired_signature_is_refused(
        self, ticket: dict[str, Any], user: User, server: Server
    ) -> None:
        secret = (server.data / "secrets" / "object-store.key").read_bytes()
        store = DiskObjectStore(server.data / "objects", secret)
        expired = store.sign_upload(
            urlsplit(ticket["uploadUrl"]).path.removeprefix("/objects/"),
            size=len(STANDARD_CSV),
            content_type="text/csv",
            expires_at=datetime.now(UTC) - timedelta(seconds=1),
        )

        answer = httpx.put(server.url + expired.url, content=STANDARD_CSV, headers=dict(expired.headers))

        assert "expired" in assert_error(answer, 403, "FORBIDDEN")["message"]

    def test_a_signature_of_another_key_is_refused(self, server: Server, user: User) -> None:
        forged = DiskObjectStore(server.data / "objects", b"guessed").sign_upload(
            object_key(uuid4(), uuid4()),
            size=1,
            content_type="text/csv",
            expires_at=datetime.now(UTC) + timedelta(minutes=1),
        )

        answer = httpx.put(server.url + forged.url, content=b"x", headers=dict(forged.headers))

        assert_error(answer, 403, "FORBIDDEN")

    def test_nonsense_is_refused(self, server: Server) -> None:
        for query in ({}, {"expires": "soon", "size": "big", "type": "", "signature": "ü"}):
            answer = httpx.put(f"{server.url}/objects/uploads/a/b.csv?{urlencode(query)}", content=b"x")
            assert_error(answer, 403, "FORBIDDEN")


@pytest.mark.parametrize(("method", "path"), [("GET", "status"), ("POST", "undo"), ("GET", "errors.csv")])
def test_an_upload_that_does_not_exist_is_not_found(user: User, method: str, path: str) -> None:
    assert_error(user.client.request(method, f"/upload/{MISSING}/{path}"), 404, "UPLOAD_NOT_FOUND")


EXAMPLES = Path(__file__).parents[2] / "examples"
CASES = [
    pytest.param(path, case, id=f"{path.stem}-{number}")
    for path in sorted(EXAMPLES.glob("*.csv"))
    for number, case in enumerate(json.loads(path.with_suffix(".expected.json").read_text("utf-8"))["cases"])
]
REQUEST_NAMES = {"declaredTotal": "totalValue"}


@pytest.fixture(scope="module")
def importer(server: Server) -> Iterator[User]:
    with signed_up(server) as member:
        yield member


@pytest.mark.parametrize(("path", "expected"), CASES)
def test_every_example_ends_as_it_says(importer: User, path: Path, expected: dict[str, Any]) -> None:
    options: dict[str, Any] = {
        REQUEST_NAMES.get(name, name): float(value) if name == "declaredTotal" else value
        for name, value in expected.get("options", {}).items()
    }

    ended = upload(importer.client, path.read_bytes(), filename=path.name, **options)

    if expected["outcome"] == "imported":
        assert ended["status"] == "COMPLETED", ended["errors"]
        assert ended["rows"] == expected["rows"]
        assert amounts(importer.client, ended["portfolioId"]) == expected["holdings"]
        stored = exact(importer.client.get(f"/portfolios/{ended['portfolioId']}"))
        assert str(stored["totalValue"]) == expected["total"]
        assert stored["currency"] == (expected["currency"] or "USD")
        assert sum(asset["allocationPercentage"] for asset in stored["assets"]) == Decimal("100.00")
        assert importer.client.post(f"/upload/{ended['uploadId']}/undo").status_code == 200
    else:
        assert (ended["status"], ended["portfolioId"]) == ("FAILED", None)
        assert ended["rows"] == expected["rows"]
        found = [{name: error[name] for name in ("line", "column", "code")} for error in ended["errors"]]
        key = lambda error: (error["line"] or 0, error["column"] or "", error["code"])  # noqa: E731
        assert sorted(found, key=key) == sorted(expected["errors"], key=key)
