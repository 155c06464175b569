"""The object store on Amazon S3: pre-signed POST, whose policy S3 itself enforces."""

from datetime import UTC, datetime

from foliolens.adapters.aws import clients
from foliolens.ports.clock import Clock
from foliolens.ports.object_store import ObjectMissing, UploadTicket, checked_key

__all__ = ["S3ObjectStore"]


class S3ObjectStore:
    """Objects in one bucket, which announces each new one to the queue by itself.

    Args:
        bucket: Its name.
        clock: Tells how long a signature still has to live.
    """

    def __init__(self, bucket: str, clock: Clock) -> None:
        self._bucket = bucket
        self._clock = clock

    def sign_upload(self, key: str, *, size: int, content_type: str, expires_at: datetime) -> UploadTicket:
        """Sign a POST of exactly this many bytes of this type under this key; S3 refuses any other."""
        lifetime = int((expires_at - self._clock.now()).total_seconds())
        signed = clients.s3().generate_presigned_post(
            self._bucket,
            checked_key(key),
            Fields={"Content-Type": content_type},
            Conditions=[["eq", "$Content-Type", content_type], ["content-length-range", size, size]],
            ExpiresIn=max(1, lifetime),
        )
        return UploadTicket(
            url=signed["url"],
            method="POST",
            fields=signed["fields"],
            expires_at=expires_at.astimezone(UTC).replace(microsecond=0),
        )

    def read(self, key: str) -> bytes:
        """The object's content.

        Raises:
            ObjectMissing: There is none.
        """
        s3 = clients.s3()
        try:
            return s3.get_object(Bucket=self._bucket, Key=checked_key(key))["Body"].read()
        except s3.exceptions.NoSuchKey as error:
            raise ObjectMissing(key) from error

    def exists(self, key: str) -> bool:
        """Whether a complete object is there."""
        s3 = clients.s3()
        try:
            s3.head_object(Bucket=self._bucket, Key=checked_key(key))
        except s3.exceptions.ClientError as error:
            if error.response["Error"]["Code"] == "404":  # a HEAD has no body that could name NoSuchKey
                return False
            raise
        return True

    def delete(self, key: str) -> None:
        """Remove the object; removing what is not there is no error."""
        clients.s3().delete_object(Bucket=self._bucket, Key=checked_key(key))
