"""Up to when a user's tokens are void, for who cannot ask Cognito: kept as long as such a token may live."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from foliolens.adapters.aws import clients

__all__ = ["EndedSessions"]

_KEPT = timedelta(hours=1)  # several times the life of an access token


class EndedSessions:
    """Items in DynamoDB: one for a user who signed out everywhere, or whose account is gone.

    A user with a row in the database has the time there as well, where each request compares it. This is for
    a token that comes before there is a row, or after.

    Args:
        table: The table of items `pk` and `sk`, with `expires` as its time to live.
    """

    def __init__(self, table: str) -> None:
        self._table = table

    def put(self, user_id: UUID, at: datetime) -> None:
        """Void the tokens issued until then."""
        clients.dynamodb().put_item(
            TableName=self._table,
            Item={
                **_key(user_id),
                "ended": {"S": at.isoformat()},
                "expires": {"N": str(int((at + _KEPT).timestamp()))},
            },
        )

    def of(self, user_id: UUID) -> datetime | None:
        """Up to when the user's tokens are void; None where none of the last hour's is."""
        answer = clients.dynamodb().get_item(TableName=self._table, Key=_key(user_id), ConsistentRead=True)
        item = answer.get("Item")
        return datetime.fromisoformat(item["ended"]["S"]) if item else None


def _key(user_id: UUID) -> dict[str, Any]:
    return {"pk": {"S": f"user#{user_id}"}, "sk": {"S": "sessions"}}
