"""The table's stream, read as Lambda's poller reads it for `market`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3

from foliolens.adapters.aws import clients
from foliolens.adapters.aws.streamed_jobs import WANTED
from tests.lambda_runtime import LambdaFunction

__all__ = ["JobStream"]

_MOST_ATTEMPTS = 3  # as the event source's template says


@dataclass
class JobStream:
    """The jobs that were put into a table.

    Attributes:
        lost: Records that were given up.
    """

    table: str
    lost: list[dict[str, Any]] = field(default_factory=list)
    _next: str | None = None

    def records(self) -> Iterator[dict[str, Any]]:
        """The records since the last time, those of the event source's filter, in Lambda's form."""
        streams = boto3.client("dynamodbstreams")
        if self._next is None:
            stream = clients.dynamodb().describe_table(TableName=self.table)["Table"]["LatestStreamArn"]
            (shard,) = streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
            self._next = streams.get_shard_iterator(
                StreamArn=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
        answer = streams.get_records(ShardIterator=self._next)
        self._next = answer["NextShardIterator"]
        for record in answer["Records"]:
            told = record["dynamodb"]
            told["ApproximateCreationDateTime"] = told["ApproximateCreationDateTime"].timestamp()
            if record["eventName"] == "INSERT" and told["Keys"]["pk"]["S"].startswith(WANTED):
                yield record

    def deliver(self, function: LambdaFunction) -> int:
        """Hand over each new record by itself, again while it fails; how many there were."""
        records = list(self.records())
        for record in records:
            for _ in range(_MOST_ATTEMPTS):
                if not function.invoke({"Records": [record]})["batchItemFailures"]:
                    break
            else:
                self.lost.append(record)
        return len(records)
