"""Messages that SQS gave up, with the reason: the queue moves them, and S3 keeps why.

The function has no way to SQS, and a redrive policy adds nothing to a message. So the function writes the
reason of a message's last failure into the bucket, which it reaches, under the message's id.
"""

from collections.abc import Iterator
from contextlib import suppress

from msgspec import Struct

from foliolens.adapters.aws import clients
from foliolens.kit import json

__all__ = ["REASONS", "DeadLetter", "DeadLetters", "Reasons"]

REASONS = "dead-letters/"
"""Where in the bucket the reasons are; they end after two weeks, as the messages do."""

_UNKNOWN = "not recorded: the function ended in the midst; see its log under the message's id"
_LOOKED_AT_SECONDS = 30


class Reasons:
    """Why messages failed for the last time.

    Args:
        bucket: Holds them.
    """

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def write(self, message_id: str, reason: str) -> None:
        """Keep the reason of a message."""
        clients.s3().put_object(
            Bucket=self._bucket,
            Key=_key(message_id),
            Body=json.encode({"reason": reason}),
            ContentType="application/json",
        )

    def read(self, message_id: str) -> str:
        """The reason of a message, or that there is none."""
        s3 = clients.s3()
        with suppress(s3.exceptions.NoSuchKey):
            content = s3.get_object(Bucket=self._bucket, Key=_key(message_id))["Body"].read()
            return str(json.decode(content)["reason"])
        return _UNKNOWN

    def forget(self, message_id: str) -> None:
        """Remove the reason of a message that is tried again."""
        clients.s3().delete_object(Bucket=self._bucket, Key=_key(message_id))


class DeadLetter(Struct, frozen=True):
    """A message that was given up.

    Attributes:
        message_id: The same as in the queue it came from, and in the log.
        body: The message.
        reason: Why it failed for the last time.
    """

    message_id: str
    body: str
    reason: str


class DeadLetters:
    """The queue of dead letters, for an operator.

    Args:
        dead_letters: The URL of the queue that SQS moves them to.
        queue: The URL of the queue they came from.
        reasons: Why.
    """

    def __init__(self, dead_letters: str, queue: str, reasons: Reasons) -> None:
        self._dead = dead_letters
        self._queue = queue
        self._reasons = reasons

    def letters(self) -> list[DeadLetter]:
        """All of them, which stay where they are."""
        received = list(self._receive())
        for _, receipt in received:
            clients.sqs().change_message_visibility(
                QueueUrl=self._dead, ReceiptHandle=receipt, VisibilityTimeout=0
            )
        return [letter for letter, _ in received]

    def redrive(self) -> int:
        """Put all of them back into the queue; how many."""
        moved = 0
        for letter, receipt in self._receive():
            clients.sqs().send_message(QueueUrl=self._queue, MessageBody=letter.body)
            # Sent first: whoever dies in between sends twice, and an import happens once.
            clients.sqs().delete_message(QueueUrl=self._dead, ReceiptHandle=receipt)
            self._reasons.forget(letter.message_id)
            moved += 1
        return moved

    def _receive(self) -> Iterator[tuple[DeadLetter, str]]:
        while True:
            received = clients.sqs().receive_message(
                QueueUrl=self._dead, MaxNumberOfMessages=10, VisibilityTimeout=_LOOKED_AT_SECONDS
            )
            messages = received.get("Messages")
            if not messages:
                return
            for message in messages:
                name = message["MessageId"]
                yield DeadLetter(name, message["Body"], self._reasons.read(name)), message["ReceiptHandle"]


def _key(message_id: str) -> str:
    return f"{REASONS}{message_id}.json"
