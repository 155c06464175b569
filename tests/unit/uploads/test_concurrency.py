"""Uploads and changes of their portfolio that meet at the same moment."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from foliolens.errors import PortfolioNotFound
from foliolens.uploads import store
from foliolens.uploads.models import object_key
from foliolens.uploads.schemas import UploadRequest

from .desk import CONTENT, Desk


def imported(desk: Desk) -> UUID:
    """A portfolio that was made from a file."""
    upload_id = desk.ask()
    desk.store_without_announcing(upload_id)
    desk.processor.process({"key": object_key(desk.user_id, upload_id)})
    with desk.database.user(desk.user_id) as transaction:
        portfolio_id = desk.service.status(transaction, desk.user_id, upload_id).portfolio_id
    assert portfolio_id is not None
    return portfolio_id


def ask_for(desk: Desk, portfolio_id: UUID) -> UUID:
    body = UploadRequest(filename="b.csv", size=len(CONTENT))
    with desk.database.user(desk.user_id) as transaction:
        return desk.service.request(transaction, desk.user_id, portfolio_id, body).upload_id


def delete(desk: Desk, portfolio_id: UUID) -> dict[str, int]:
    with desk.database.user(desk.user_id) as transaction:
        return desk.portfolios.delete(transaction, desk.user_id, portfolio_id)


def await_a_waiting_transaction(desk: Desk) -> None:
    """Until somebody waits for a lock that somebody else holds."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with desk.database.system() as transaction:
            row = transaction.execute(
                "SELECT count(*) AS waiting FROM pg_locks JOIN pg_stat_activity USING (pid)"
                " WHERE NOT granted AND datname = current_database()"
            ).fetchone()
        if row and row["waiting"]:
            return
        time.sleep(0.01)
    raise AssertionError("nobody waits")


def test_a_deletion_waits_for_the_worker_that_writes_into_the_portfolio(desk: Desk) -> None:
    portfolio_id = imported(desk)
    upload_id = ask_for(desk, portfolio_id)

    with ThreadPoolExecutor(1) as other:
        with desk.database.user(desk.user_id) as transaction:  # what a worker does, step by step
            store.lock_upload(transaction, desk.user_id, upload_id)
            deletion = other.submit(delete, desk, portfolio_id)
            await_a_waiting_transaction(desk)
            worker_sees = desk.portfolios.lock(transaction, desk.user_id, portfolio_id)

        assert worker_sees.id == portfolio_id
        assert deletion.result(20)["uploads"] == 2


def test_asking_for_an_upload_into_a_portfolio_that_is_being_deleted_finds_none(desk: Desk) -> None:
    portfolio_id = imported(desk)

    with ThreadPoolExecutor(1) as other:
        with desk.database.user(desk.user_id) as transaction:
            desk.portfolios.delete(transaction, desk.user_id, portfolio_id)
            asking = other.submit(ask_for, desk, portfolio_id)
            await_a_waiting_transaction(desk)

        with pytest.raises(PortfolioNotFound):
            asking.result(20)


def test_two_workers_with_the_same_bytes_make_one_portfolio(desk: Desk) -> None:
    uploads = [desk.ask() for _ in range(4)]
    for upload_id in uploads:
        desk.store_without_announcing(upload_id)
    together = threading.Barrier(len(uploads))

    def work(upload_id: UUID) -> None:
        together.wait(20)
        desk.processor.process({"key": object_key(desk.user_id, upload_id)})

    with ThreadPoolExecutor(len(uploads)) as workers:
        list(workers.map(work, uploads))

    with desk.database.user(desk.user_id) as transaction:
        views = [desk.service.status(transaction, desk.user_id, upload_id) for upload_id in uploads]
    assert [view.status for view in views] == ["COMPLETED"] * len(uploads)
    assert len({view.portfolio_id for view in views}) == 1
    assert sorted(view.rows.imported for view in views) == [0, 0, 0, 2]


def test_one_upload_delivered_to_several_workers_is_imported_once(desk: Desk) -> None:
    upload_id = desk.ask()
    desk.store_without_announcing(upload_id)
    together = threading.Barrier(4)

    def work(_: int) -> None:
        together.wait(20)
        desk.processor.process({"key": object_key(desk.user_id, upload_id)})

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(work, range(4)))

    with desk.database.user(desk.user_id) as transaction:
        row = transaction.execute("SELECT count(*) AS total FROM portfolios").fetchone()
        view = desk.service.status(transaction, desk.user_id, upload_id)
    assert row == {"total": 1}
    assert (view.status, view.rows.imported) == ("COMPLETED", 2)
