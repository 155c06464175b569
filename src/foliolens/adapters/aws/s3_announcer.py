"""Announcing a file again where the network has no way to the queue: S3 does it for what is written."""

from foliolens.adapters.aws import clients
from foliolens.ports.object_store import checked_key

__all__ = ["S3Announcer"]


class S3Announcer:
    """Writes an object onto itself, which S3 announces to the queue as it announced the first time.

    Args:
        bucket: Its name.
    """

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def announce(self, key: str) -> None:
        """Let S3 announce the object once more."""
        clients.s3().copy_object(
            Bucket=self._bucket,
            Key=checked_key(key),
            CopySource={"Bucket": self._bucket, "Key": key},
            # Without a change of something S3 refuses to copy an object onto itself.
            MetadataDirective="REPLACE",
        )
