"""Up to when a user's tokens are void, for who cannot ask Cognito: kept as long as such a token may live."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from foliolens.adapters.aws import clients

__all__ = ["Ended", "EndedSessions"]

_KEPT = timedelta(hours=1)  # several times the life of an access token


class Ended(Struct, frozen=True):
    """A user's tokens issued until `at` are void; the account itself may be `gone`."""

    at: datetime
    gone: bool


class EndedSessions:
    """Items in DynamoDB: one for a user who signed out everywhere, or whose account is gone.

    A user with a row in the database has the time there as well, where each request compares it. This is for
    a token that comes before there is a row, or after.

    Args:
        table: The table of items `pk` and `sk`, with `expires` as its time to live.
    """

    def __init__(self, table: str) -> None:
        self._table = table

    def put(self, user_id: UUID, at: datetime, *, gone: bool = False) -> None:
        """Void the tokens issued until then; say whether the account goes with them."""
        clients.dynamodb().put_item(
            TableName=self._table,
            Item={
                **_key(user_id),
                "ended": {"S": at.isoformat()},
                "gone": {"BOOL": gone},
                "expires": {"N": str(int((at + _KEPT).timestamp()))},
            },
        )

    def of(self, user_id: UUID) -> Ended | None:
        """Which of the user's tokens are void; None where none of the last hour's is."""
        answer = clients.dynamodb().get_item(TableName=self._table, Key=_key(user_id), ConsistentRead=True)
        item = answer.get("Item")
        if item is None:
            return None
        return Ended(datetime.fromisoformat(item["ended"]["S"]), gone=item["gone"]["BOOL"])


def _key(user_id: UUID) -> dict[str, Any]:
    return {"pk": {"S": f"user#{user_id}"}, "sk": {"S": "sessions"}}
