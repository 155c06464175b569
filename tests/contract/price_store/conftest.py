"""Every test finds a database without prices."""

from tests.price_database import database, price_database

__all__ = ["database", "price_database"]
