"""Uploads whose time is over: closed where no file came, announced again where one did."""

from __future__ import annotations

from foliolens.uploads.models import object_key
from foliolens.uploads.processing import OBJECT_CREATED

from .desk import Desk


def test_an_upload_in_time_is_left_alone(desk: Desk) -> None:
    upload_id = desk.ask()
    desk.clock.advance(minutes=14)

    assert desk.clean_up() == 0
    assert desk.status(upload_id) == "AWAITING_UPLOAD"


def test_an_upload_is_shown_as_expired_as_soon_as_its_url_is(desk: Desk) -> None:
    upload_id = desk.ask()
    desk.clock.advance(minutes=15, seconds=1)

    assert desk.status(upload_id) == "EXPIRED"


def test_an_upload_whose_file_never_came_expires_for_good(desk: Desk) -> None:
    upload_id = desk.ask()
    desk.clock.advance(minutes=21)

    assert desk.clean_up() == 1
    assert desk.clean_up() == 0
    desk.clock.advance(minutes=-21)
    assert desk.status(upload_id) == "EXPIRED"


def test_a_file_that_is_still_on_its_way_gets_some_grace(desk: Desk) -> None:
    desk.ask()
    desk.clock.advance(minutes=17)

    assert desk.clean_up() == 0


def test_a_file_that_nobody_announced_is_announced_again_and_imported(desk: Desk) -> None:
    upload_id = desk.ask()
    desk.store_without_announcing(upload_id)
    assert desk.status(upload_id) == "QUEUED"
    desk.clock.advance(minutes=21)

    assert desk.clean_up() == 0
    assert desk.status(upload_id) == "QUEUED"
    desk.work()

    assert desk.status(upload_id) == "COMPLETED"


def test_announcing_twice_imports_once(desk: Desk) -> None:
    upload_id = desk.ask()
    desk.store_without_announcing(upload_id)
    desk.clock.advance(minutes=21)
    desk.clean_up()
    desk.clean_up()

    desk.work()

    assert desk.status(upload_id) == "COMPLETED"
    with desk.database.user(desk.user_id) as transaction:
        row = transaction.execute("SELECT count(*) AS total FROM portfolios").fetchone()
    assert row == {"total": 1}
    assert not desk.objects.exists(object_key(desk.user_id, upload_id))


def test_a_file_that_came_after_the_end_is_imported_after_all(desk: Desk) -> None:
    upload_id = desk.ask()
    desk.clock.advance(minutes=21)
    assert desk.clean_up() == 1

    desk.store_without_announcing(upload_id)
    desk.queue.send(OBJECT_CREATED, {"key": object_key(desk.user_id, upload_id)}, "request-1")
    desk.work()

    assert desk.status(upload_id) == "COMPLETED"


def test_a_lost_file_fails_the_upload_with_a_reason(desk: Desk) -> None:
    upload_id = desk.ask()
    desk.queue.send(OBJECT_CREATED, {"key": object_key(desk.user_id, upload_id)}, "request-1")

    desk.work()

    assert desk.status(upload_id) == "FAILED"
    with desk.database.user(desk.user_id) as transaction:
        shown = desk.service.status(transaction, desk.user_id, upload_id)
    assert [error.code for error in shown.errors] == ["PROCESSING_FAILED"]
