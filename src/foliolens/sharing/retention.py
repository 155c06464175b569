"""Removing links that stopped working."""

from foliolens.kit.database import Database
from foliolens.ports.clock import Clock
from foliolens.sharing import store

__all__ = ["forget_expired_shares"]


def forget_expired_shares(database: Database, clock: Clock) -> int:
    """Remove every link that has expired, with the counts of its views; returns how many."""
    with database.system() as transaction:
        return store.delete_expired(transaction, clock.now())
