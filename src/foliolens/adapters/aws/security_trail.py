"""What happened to an account, for its owner: Cognito tells of sign-ins in a dearer plan only."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from foliolens.adapters.aws import clients
from foliolens.adapters.aws.address_hash import address_hash
from foliolens.errors import ServiceUnavailable
from foliolens.ports.clock import Clock
from foliolens.ports.identity import SecurityEvent

__all__ = ["SecurityTrail"]

_log = logging.getLogger(__name__)

_KEPT = timedelta(days=400)
_TOLD = 1000
_DELETED_AT_ONCE = 25  # the most of BatchWriteItem


class SecurityTrail:
    """Items in DynamoDB, one for each event, under the hash of an address or under a user's id.

    Who signs in, or fails to, is known by the address: an address without an account gets its items, too, so
    that nobody can tell. They go with the account, or after 400 days.

    Args:
        table: The table of items `pk` and `sk`, with `expires` as its time to live.
        clock: Dates the events.
    """

    def __init__(self, table: str, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    def record(self, whose: str | UUID, event: str) -> None:
        """Write an event down; what it tells of has happened, so a failure is logged and no more.

        Args:
            whose: The address of an account, or its user's id.
            event: The same words as the local store's.
        """
        now = self._clock.now()
        try:
            clients.dynamodb().put_item(
                TableName=self._table,
                Item={
                    "pk": {"S": _partition(whose)},
                    "sk": {"S": f"{now.isoformat()}#{uuid4()}"},
                    "event": {"S": event},
                    "at": {"S": now.isoformat()},
                    "expires": {"N": str(int((now + _KEPT).timestamp()))},
                },
            )
        except (clients.dynamodb().exceptions.ClientError, ServiceUnavailable):
            _log.exception("a security event could not be recorded")

    def of(self, user_id: UUID, email: str) -> tuple[SecurityEvent, ...]:
        """An account's events of the last 400 days, newest first, at most a thousand."""
        items = [item for whose in (user_id, email) for item in self._items(whose)]
        events = [
            SecurityEvent(item["event"]["S"], datetime.fromisoformat(item["at"]["S"])) for item in items
        ]
        return tuple(sorted(events, key=lambda event: event.at, reverse=True)[:_TOLD])

    def forget(self, user_id: UUID, email: str) -> None:
        """Remove an account's events."""
        keys = [
            {"pk": item["pk"], "sk": item["sk"]}
            for whose in (user_id, email)
            for item in self._items(whose, every=True)
        ]
        while keys:
            part, keys = keys[:_DELETED_AT_ONCE], keys[_DELETED_AT_ONCE:]
            answer = clients.dynamodb().batch_write_item(
                RequestItems={self._table: [{"DeleteRequest": {"Key": key}} for key in part]}
            )
            refused: list[Any] = answer["UnprocessedItems"].get(self._table, [])
            keys += [request["DeleteRequest"]["Key"] for request in refused]

    def _items(self, whose: str | UUID, *, every: bool = False) -> Iterator[dict[str, Any]]:
        """The newest items of a partition, or all of them."""
        pages = (
            clients.dynamodb()
            .get_paginator("query")
            .paginate(
                TableName=self._table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": _partition(whose)}},
                ScanIndexForward=False,
                ConsistentRead=True,
                PaginationConfig={} if every else {"MaxItems": _TOLD},
            )
        )
        for page in pages:
            yield from page["Items"]


def _partition(whose: str | UUID) -> str:
    if isinstance(whose, UUID):
        return f"events#{whose}"
    return f"events#{address_hash(whose)}"
