"""A bucket that announces its files to a queue with dead letters behind it, and Lambda's poller."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from foliolens.adapters.aws import clients
from foliolens.adapters.aws.dead_letters import DeadLetters, Reasons
from tests.api.conftest import command
from tests.lambda_runtime import LambdaFunction

__all__ = ["Arrivals", "arrivals"]


@dataclass
class Arrivals:
    """A bucket that announces its files to a queue, with dead letters behind it."""

    bucket: str
    queue: str
    dead_letters: str

    def poll(self) -> list[dict[str, Any]]:
        """The messages that are visible now, as Lambda's poller hands them to the function."""
        received = clients.sqs().receive_message(
            QueueUrl=self.queue,
            MaxNumberOfMessages=10,
            AttributeNames=["ApproximateReceiveCount"],
            VisibilityTimeout=0,
        )
        return [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message["Attributes"],
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "awsRegion": "eu-central-1",
            }
            for message in received.get("Messages", [])
        ]

    def deliver(self, function: LambdaFunction) -> int:
        """Hand over what is visible, and acknowledge what did not fail; how many messages there were."""
        records = self.poll()
        if records:
            failed = {
                item["itemIdentifier"] for item in function.invoke({"Records": records})["batchItemFailures"]
            }
            for record in records:
                if record["messageId"] not in failed:
                    clients.sqs().delete_message(QueueUrl=self.queue, ReceiptHandle=record["receiptHandle"])
        return len(records)

    def lose(self) -> int:
        """Remove what waits, unseen by any function; how many messages that were."""
        records = self.poll()
        for record in records:
            clients.sqs().delete_message(QueueUrl=self.queue, ReceiptHandle=record["receiptHandle"])
        return len(records)

    def letters(self) -> list[tuple[str, str]]:
        """The dead letters with their reasons, which an operator is shown."""
        dead = DeadLetters(self.dead_letters, self.queue, Reasons(self.bucket))
        return [(letter.body, letter.reason) for letter in dead.letters()]

    def admin(self, *options: str) -> str:
        """What `foliolens admin dead-letters` prints to the operator of this deployment."""
        ended = subprocess.run(
            command("admin", "dead-letters", *options),
            capture_output=True,
            text=True,
            check=True,
            env={
                **os.environ,
                "FOLIOLENS_MODE": "aws",
                "FOLIOLENS_AWS_BUCKET": self.bucket,
                "FOLIOLENS_AWS_QUEUE": self.queue,
                "FOLIOLENS_AWS_DEAD_LETTERS": self.dead_letters,
            },
        )
        return ended.stdout

    def take_dead(self) -> list[str]:
        """The dead letters, which are gone afterwards."""
        received = clients.sqs().receive_message(QueueUrl=self.dead_letters, MaxNumberOfMessages=10)
        letters = received.get("Messages", [])
        for letter in letters:
            clients.sqs().delete_message(QueueUrl=self.dead_letters, ReceiptHandle=letter["ReceiptHandle"])
        return [letter["Body"] for letter in letters]


def arrivals() -> Arrivals:
    """Make one of its own."""
    name = f"uploads-{uuid4()}"
    s3, sqs = clients.s3(), clients.sqs()
    dead = sqs.create_queue(QueueName=f"dead-{name}")["QueueUrl"]
    dead_arn = _arn(dead)
    queue = sqs.create_queue(
        QueueName=name,
        Attributes={"RedrivePolicy": json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": "5"})},
    )["QueueUrl"]
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_bucket_notification_configuration(
        Bucket=name,
        NotificationConfiguration={
            "QueueConfigurations": [
                {
                    "QueueArn": _arn(queue),
                    "Events": ["s3:ObjectCreated:*"],
                    "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "uploads/"}]}},
                }
            ]
        },
    )
    sqs.purge_queue(QueueUrl=queue)  # of the notification's own test message
    return Arrivals(name, queue, dead)


def _arn(queue: str) -> str:
    answer = clients.sqs().get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    return answer["Attributes"]["QueueArn"]
