"""Closing uploads whose file never came, and announcing again those whose file did."""

from datetime import timedelta

from foliolens.kit.database import Database
from foliolens.ports.clock import Clock
from foliolens.ports.job_queue import JobQueue
from foliolens.ports.object_store import ObjectStore
from foliolens.uploads import store
from foliolens.uploads.models import object_key
from foliolens.uploads.processing import OBJECT_CREATED

__all__ = ["expire_overdue"]

_GRACE = timedelta(minutes=5)
"""A file whose sending began just before the expiry may still be on its way."""

_BATCH = 500


def expire_overdue(database: Database, objects: ObjectStore, queue: JobQueue, clock: Clock) -> int:
    """Mark uploads as expired whose file never came; returns how many.

    Where a file is there although nobody announced it (a crash between storing and announcing), it is
    announced instead, so that nothing that was accepted is lost.
    """
    with database.system() as transaction:
        overdue = store.overdue_uploads(transaction, clock.now() - _GRACE, _BATCH)
    arrived = [pair for pair in overdue if objects.exists(object_key(*pair))]
    for pair in arrived:
        queue.send(OBJECT_CREATED, {"key": object_key(*pair)}, "retention")
    with database.system() as transaction:
        store.close_waiting(transaction, [upload_id for _, upload_id in arrived], "QUEUED")
        never_came = [upload_id for user_id, upload_id in overdue if (user_id, upload_id) not in arrived]
        return store.close_waiting(transaction, never_came, "EXPIRED")
