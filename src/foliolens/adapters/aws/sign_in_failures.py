"""Failures to sign in, counted before Cognito is asked, which pauses an account for its owner as well."""

import logging
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from foliolens.adapters.aws import clients
from foliolens.adapters.aws.address_hash import address_hash
from foliolens.adapters.lockout import LONGEST_LOCK, Lane, failures_after, lock_after
from foliolens.ports.clock import Clock

__all__ = ["SignInFailures"]

_log = logging.getLogger(__name__)

_COGNITO_FORGETS_AFTER = timedelta(minutes=16)
"""Cognito counts from one again after 15 minutes in which nobody tried: strangers' longest pause lasts
longer, or their failures would add up there, in the end to a pause of a quarter of an hour for the owner as
well."""
_KEPT = timedelta(hours=25)
_ROUNDS = 10


class _State(Struct, frozen=True):
    count: int
    last_at: datetime
    locked_until: datetime


class SignInFailures:
    """Items in DynamoDB: one for each account and lane in which an attempt failed within a day.

    Addresses without an account have theirs too, so that nobody can tell.

    Args:
        table: The table of items `pk` and `sk`, with `expires` as its time to live.
        clock: Decides about pauses.
    """

    def __init__(self, table: str, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    def too_many(self, email: str, lane: Lane) -> bool:
        """Whether too many failures in the lane make others in it wait."""
        state = self._state(email, lane)
        return state is not None and self._clock.now() < state.locked_until

    def count(self, email: str, lane: Lane) -> None:
        """Somebody in the lane failed."""
        for _ in range(_ROUNDS):
            if self._replace(email, lane, self._state(email, lane), self._clock.now()):
                return
        _log.warning("a failure to sign in was not counted among so many at once")

    def forget(self, email: str) -> None:
        """Somebody proved that the account is theirs."""
        clients.dynamodb().batch_write_item(
            RequestItems={
                self._table: [{"DeleteRequest": {"Key": _key(email, lane)}} for lane in Lane],
            }
        )

    def _state(self, email: str, lane: Lane) -> _State | None:
        answer = clients.dynamodb().get_item(
            TableName=self._table, Key=_key(email, lane), ConsistentRead=True
        )
        if "Item" not in answer:
            return None
        item = answer["Item"]
        return _State(
            int(item["failures"]["N"]),
            datetime.fromisoformat(item["failed_at"]["S"]),
            datetime.fromisoformat(item["locked_until"]["S"]),
        )

    def _replace(self, email: str, lane: Lane, state: _State | None, now: datetime) -> bool:
        """Store one failure more; False if somebody else did in between."""
        count = failures_after(state.count if state else 0, now - state.last_at if state else None)
        pause = lock_after(count)
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
        if state is not None:
            condition = {
                "ConditionExpression": "failures = :failures AND failed_at = :failed_at",
                "ExpressionAttributeValues": {
                    ":failures": {"N": str(state.count)},
                    ":failed_at": {"S": state.last_at.isoformat()},
                },
            }
        try:
            clients.dynamodb().put_item(
                TableName=self._table,
                Item={
                    **_key(email, lane),
                    "failures": {"N": str(count)},
                    "failed_at": {"S": now.isoformat()},
                    "locked_until": {
                        "S": (now + (_COGNITO_FORGETS_AFTER if pause == LONGEST_LOCK else pause)).isoformat()
                    },
                    "expires": {"N": str(int((now + _KEPT).timestamp()))},
                },
                **condition,
            )
        except clients.dynamodb().exceptions.ConditionalCheckFailedException:
            return False
        return True


def _key(email: str, lane: Lane) -> dict[str, Any]:
    return {"pk": {"S": f"sign-in#{address_hash(email)}"}, "sk": {"S": lane}}
