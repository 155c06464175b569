"""What is held by anybody."""

from foliolens.kit.database import Database
from foliolens.portfolios import store

__all__ = ["held_symbols"]


def held_symbols(database: Database) -> list[str]:
    """The symbols of all holdings, each once, as they were written."""
    with database.system() as transaction:
        return store.held_symbols(transaction)
