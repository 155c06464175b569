"""Idempotency keys: a repeated POST answers as the first one did and does nothing again.

The key is stored in the transaction that does the work, so that both happen or neither; a second request
with the same key waits for the first one's commit. Stored is its hash: answers that hold a secret, which must
not be stored either, derive it from the key.
"""

import hashlib
import hmac
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

from fastapi import Depends, Header, Request
from msgspec import Struct
from pydantic import BaseModel

from foliolens.errors import Conflict

if TYPE_CHECKING:
    from foliolens.kit.database import Transaction

__all__ = ["Idempotency", "Once"]

_Model = TypeVar("_Model", bound=BaseModel)


class Once(Struct, frozen=True):
    """The idempotency key of one request, if it has one.

    Attributes:
        key: The client's key; None does the work every time.
        fingerprint: SHA-256 of method, path and body.
    """

    key: str | None
    fingerprint: bytes

    def secret(self, seed: bytes) -> bytes:
        """32 bytes that a repeated request gets again, although they are not stored.

        HMAC-SHA256 (RFC 2104) of the seed under the client's key. An answer keeps the seed: nobody can guess
        the secret without it, and it is of no use without the key.

        Args:
            seed: 32 random bytes or more.
        """
        return hmac.digest((self.key or "").encode(), seed, "sha256")

    def run(
        self, transaction: "Transaction", scope: str, answer: type[_Model], work: Callable[[], _Model]
    ) -> _Model:
        """Do the work, or return the answer it gave the first time.

        Args:
            transaction: The one the work is done in.
            scope: Whose key it is: keys of different users never meet.
            answer: The response model, to read a stored answer back.
            work: Creates something and returns the response.

        Raises:
            Conflict: The key was used with another request.
        """
        if self.key is None:
            return work()
        key = hashlib.sha256(self.key.encode()).hexdigest()
        claimed = transaction.execute(
            "INSERT INTO idempotency_keys (scope, key, fingerprint) VALUES (%s, %s, %s)"
            " ON CONFLICT DO NOTHING RETURNING key",
            (scope, key, self.fingerprint),
        ).fetchone()
        if claimed is None:
            return self._replay(transaction, scope, key, answer)
        response = work()
        from psycopg.types.json import Jsonb  # noqa: PLC0415 - who has no database passes keys on

        transaction.execute(
            "UPDATE idempotency_keys SET response = %s WHERE scope = %s AND key = %s",
            (Jsonb(response.model_dump(by_alias=True)), scope, key),
        )
        return response

    def _replay(self, transaction: "Transaction", scope: str, key: str, answer: type[_Model]) -> _Model:
        row = transaction.execute(
            "SELECT fingerprint, response FROM idempotency_keys WHERE scope = %s AND key = %s",
            (scope, key),
        ).fetchone()
        if row is None or row["fingerprint"] != self.fingerprint:
            raise Conflict("This Idempotency-Key was used with another request: choose a new key.")
        return answer.model_validate(row["response"])


async def _once(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=1,
            max_length=255,
            pattern=r"^[!-~]+$",
            description="Repeating a request with the same key returns the first answer.",
        ),
    ] = None,
) -> Once:
    digest = hashlib.sha256(f"{request.method} {request.url.path}\n".encode())
    digest.update(await request.body())
    return Once(idempotency_key, digest.digest())


Idempotency = Annotated[Once, Depends(_once)]
