"""Closing uploads whose file never came, and announcing again those whose file did."""

from collections.abc import Callable
from datetime import timedelta

from foliolens.kit.database import Database
from foliolens.ports.clock import Clock
from foliolens.ports.object_store import ObjectStore
from foliolens.uploads import store
from foliolens.uploads.models import object_key

__all__ = ["expire_overdue"]

_GRACE = timedelta(minutes=5)
"""A file whose sending began just before the expiry may still be on its way."""

_BATCH = 500


def expire_overdue(
    database: Database, objects: ObjectStore, announce: Callable[[str], None], clock: Clock
) -> int:
    """Mark uploads as expired whose file never came.

    Where a file is there although nobody announced it (a crash between storing and announcing), it is
    announced instead, so that nothing that was accepted is lost.

    Args:
        database: Holds the uploads.
        objects: Holds the files.
        announce: Tells the workers of a file, by its key.
        clock: Tells the time.

    Returns:
        How many expired.
    """
    with database.system() as transaction:
        overdue = store.overdue_uploads(transaction, clock.now() - _GRACE, _BATCH)
    arrived = [pair for pair in overdue if objects.exists(object_key(*pair))]
    for pair in arrived:
        announce(object_key(*pair))
    with database.system() as transaction:
        store.close_waiting(transaction, [upload_id for _, upload_id in arrived], "QUEUED")
        never_came = [upload_id for user_id, upload_id in overdue if (user_id, upload_id) not in arrived]
        return store.close_waiting(transaction, never_came, "EXPIRED")
