"""What functions may do, apart from CDK, so that tests can hold running functions to it."""

from typing import Final

__all__ = ["TABLE_ACTIONS"]

TABLE_ACTIONS: Final = {
    "Api": ("BatchGetItem", "GetItem", "PutItem", "Query", "UpdateItem"),
    "Auth": ("BatchWriteItem", "GetItem", "PutItem", "Query", "UpdateItem"),
    "Market": ("BatchGetItem", "DeleteItem", "GetItem", "PutItem", "UpdateItem"),
    "Schedule": ("BatchGetItem", "DeleteItem", "GetItem", "PutItem", "Scan", "UpdateItem"),
}
"""What each function may do with the table, the others nothing; a transaction needs what its parts need."""
