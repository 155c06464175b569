"""Jobs as items of the table, whose stream wakes the function that does them.

The functions in the network reach DynamoDB and nothing else, so an item is how they ask for work outside it.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

from foliolens.adapters.aws import clients
from foliolens.ports.clock import Clock
from foliolens.ports.job_queue import Job

__all__ = ["WANTED", "StreamedJobs"]

WANTED = "wanted#"
"""What the `pk` of a job's item begins with, by which the stream's filter knows it."""

_KEPT = timedelta(days=1)  # as long as the stream keeps its record


class StreamedJobs:
    """Sends jobs (see `JobSender`), and takes those that the stream tells of.

    Args:
        table: The table of items `pk` and `sk`, with `expires` as its time to live.
        clock: Tells when a job is too old to be kept.
    """

    def __init__(self, table: str, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    def send(self, kind: str, payload: Mapping[str, Any], correlation_id: str) -> None:
        """See `JobSender.send`."""
        expires = int((self._clock.now() + _KEPT).timestamp())
        clients.dynamodb().put_item(
            TableName=self._table,
            Item={
                **_key(f"{WANTED}{uuid4()}"),
                "kind": {"S": kind},
                "payload": {"S": json.dumps(payload)},
                "correlation": {"S": correlation_id},
                "expires": {"N": str(expires)},
            },
        )

    def take(self, record: Mapping[str, Any]) -> Job | None:
        """The job that a record of the stream tells of, one attempt older; None where it is done already."""
        dynamodb = clients.dynamodb()
        identifier: str = record["dynamodb"]["Keys"]["pk"]["S"]
        try:
            answer = dynamodb.update_item(
                TableName=self._table,
                Key=_key(identifier),
                UpdateExpression="ADD attempts :one",
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeValues={":one": {"N": "1"}},
                ReturnValues="ALL_NEW",
            )
        except dynamodb.exceptions.ConditionalCheckFailedException:
            return None
        item = answer["Attributes"]
        return Job(
            id=identifier,
            kind=item["kind"]["S"],
            payload=json.loads(item["payload"]["S"]),
            correlation_id=item["correlation"]["S"],
            attempts=int(item["attempts"]["N"]),
        )

    def complete(self, job: Job) -> None:
        """Remove a job that was dealt with; harmless when it is gone already."""
        clients.dynamodb().delete_item(TableName=self._table, Key=_key(job.id))


def _key(pk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": "job"}}
