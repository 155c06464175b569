"""The shared cache in DynamoDB: one item a key, compressed, with a time to live."""

import zlib
from datetime import datetime, timedelta
from typing import Any

from foliolens.adapters.aws import clients
from foliolens.adapters.aws.dynamodb_times import moment, number
from foliolens.ports.cache import CacheEntry
from foliolens.ports.clock import Clock

__all__ = ["DynamoDbCache"]

_MOST_BYTES = 390_000
"""Of a compressed value: an item has at most 400 kB, its key and times included."""


class DynamoDbCache:
    """See `Cache`.

    DynamoDB removes what has expired within days; what is past its time is not handed out.

    Args:
        table: The table of items `pk`, `sk`, with `expires` as its time to live.
        clock: Tells what is past its time.
    """

    def __init__(self, table: str, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    def get(self, key: str) -> CacheEntry | None:
        """See `Cache.get`."""
        # Consistent: who waited for another's claim looks for what that one has just put.
        answer = clients.dynamodb().get_item(
            TableName=self._table, Key=_item(key, "value"), ConsistentRead=True
        )
        item = answer.get("Item")
        if item is None or moment(item["kept"]["N"]) <= self._clock.now():
            return None
        content = zlib.decompress(bytes(item["content"]["B"]))
        return CacheEntry(content, moment(item["stored"]["N"]), moment(item["fresh"]["N"]))

    def put(self, key: str, value: bytes, *, fresh_until: datetime, keep_until: datetime) -> None:
        """See `Cache.put`; what is larger than an item is not kept."""
        content = zlib.compress(value)
        if len(content) > _MOST_BYTES:
            return
        clients.dynamodb().put_item(
            TableName=self._table,
            Item={
                **_item(key, "value"),
                "content": {"B": content},
                "stored": {"N": number(self._clock.now())},
                "fresh": {"N": number(fresh_until)},
                "kept": {"N": number(keep_until)},
                "expires": {"N": str(int(keep_until.timestamp()) + 1)},
            },
        )

    def claim(self, key: str, seconds: float) -> bool:
        """See `Cache.claim`."""
        dynamodb, now = clients.dynamodb(), self._clock.now()
        ends = now + timedelta(seconds=seconds)
        try:
            dynamodb.put_item(
                TableName=self._table,
                Item={
                    **_item(key, "claim"),
                    "ends": {"N": number(ends)},
                    "expires": {"N": str(int(ends.timestamp()) + 1)},
                },
                ConditionExpression="attribute_not_exists(pk) OR ends <= :now",
                ExpressionAttributeValues={":now": {"N": number(now)}},
            )
        except dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def release(self, key: str) -> None:
        """See `Cache.release`."""
        clients.dynamodb().delete_item(TableName=self._table, Key=_item(key, "claim"))


def _item(key: str, kind: str) -> dict[str, Any]:
    return {"pk": {"S": f"cache#{key}"}, "sk": {"S": kind}}
