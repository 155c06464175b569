"""What functions may do, apart from CDK, so that tests can hold running functions to it."""

from typing import Final

from foliolens.adapters.aws.dead_letters import REASONS

__all__ = ["OBJECT_ACTIONS", "TABLE_ACTIONS"]

TABLE_ACTIONS: Final = {
    "Api": ("BatchGetItem", "GetItem", "PutItem", "Query", "UpdateItem"),
    "Auth": ("BatchWriteItem", "GetItem", "PutItem", "Query", "UpdateItem"),
    "Market": ("BatchGetItem", "DeleteItem", "GetItem", "PutItem", "UpdateItem"),
    "Schedule": ("BatchGetItem", "DeleteItem", "GetItem", "PutItem", "Scan", "UpdateItem"),
}
"""What each function may do with the table, the others nothing; a transaction needs what its parts need."""

OBJECT_ACTIONS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "Api": {"uploads/*": ("DeleteObject", "GetObject", "PutObject")},
    "Uploads": {"uploads/*": ("DeleteObject", "GetObject"), f"{REASONS}*": ("PutObject",)},
    # Whether a file came, and S3 is to announce it again by copying it onto itself.
    "Schedule": {"uploads/*": ("GetObject", "PutObject")},
}
"""What each function may do with objects, by their keys, the others nothing. These functions may list the
bucket, too: else S3 says of what is not there that it is forbidden."""
