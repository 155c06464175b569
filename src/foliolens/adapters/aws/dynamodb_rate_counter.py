"""Rate counters shared by every execution environment, in DynamoDB."""

from math import ceil, floor

from foliolens.adapters.aws import clients
from foliolens.ports.clock import Clock
from foliolens.ports.rate_counter import Window

__all__ = ["DynamoDbRateCounter"]

_KEPT_SECONDS = 3600
"""How long a window's item outlives it: DynamoDB removes what has expired when it gets to it."""


class DynamoDbRateCounter:
    """Fixed windows cut from the clock, one item each, counted by an atomic update.

    Windows begin at multiples of their length, not at the first hit: then a hit is one write and no read.

    Args:
        table: The table of items `pk` and `sk`, with `expires` as its time to live.
        clock: Tells which window it is.
    """

    def __init__(self, table: str, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    def hit(self, key: str, window_seconds: int) -> Window:
        """See `RateCounter.hit`."""
        now = self._clock.now().timestamp()
        started, item = self._window(key, window_seconds, now)
        ends = started + window_seconds
        answer = clients.dynamodb().update_item(
            TableName=self._table,
            Key=item,
            UpdateExpression="ADD hits :one SET expires = :expires",
            ExpressionAttributeValues={":one": {"N": "1"}, ":expires": {"N": str(ends + _KEPT_SECONDS)}},
            ReturnValues="UPDATED_NEW",
        )
        return Window(count=int(answer["Attributes"]["hits"]["N"]), resets_in=max(1, ceil(ends - now)))

    def peek(self, key: str, window_seconds: int) -> int:
        """See `RateCounter.peek`."""
        _, item = self._window(key, window_seconds, self._clock.now().timestamp())
        answer = clients.dynamodb().get_item(TableName=self._table, Key=item, ConsistentRead=True)
        return int(answer["Item"]["hits"]["N"]) if "Item" in answer else 0

    @staticmethod
    def _window(key: str, window_seconds: int, now: float) -> tuple[int, dict[str, dict[str, str]]]:
        """When the present window began, and the key of its item."""
        started = floor(now / window_seconds) * window_seconds
        return started, {
            "pk": {"S": f"rate#{window_seconds}#{started}#{key}"},
            "sk": {"S": "hits"},
        }
