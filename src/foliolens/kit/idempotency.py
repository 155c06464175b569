"""Idempotency keys: a repeated POST answers as the first one did and does nothing again.

The key is stored in the transaction that does the work, so that both happen or neither; a second request
with the same key waits for the first one's commit.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Header, Request
from psycopg.types.json import Jsonb
from pydantic import BaseModel

from foliolens.errors import Conflict
from foliolens.kit.database import Transaction

__all__ = ["KEY_LIFETIME_HOURS", "Idempotency", "Once"]

KEY_LIFETIME_HOURS = 24

_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Once:
    """The idempotency key of one request, if it has one.

    Attributes:
        key: The client's key; None does the work every time.
        fingerprint: SHA-256 of method, path and body.
    """

    key: str | None
    fingerprint: bytes

    def run(
        self, transaction: Transaction, scope: str, answer: type[_Model], work: Callable[[], _Model]
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
        claimed = transaction.execute(
            "INSERT INTO idempotency_keys (scope, key, fingerprint) VALUES (%s, %s, %s)"
            " ON CONFLICT DO NOTHING RETURNING key",
            (scope, self.key, self.fingerprint),
        ).fetchone()
        if claimed is None:
            return self._replay(transaction, scope, answer)
        response = work()
        transaction.execute(
            "UPDATE idempotency_keys SET response = %s WHERE scope = %s AND key = %s",
            (Jsonb(response.model_dump(by_alias=True)), scope, self.key),
        )
        return response

    def _replay(self, transaction: Transaction, scope: str, answer: type[_Model]) -> _Model:
        row = transaction.execute(
            "SELECT fingerprint, response FROM idempotency_keys WHERE scope = %s AND key = %s",
            (scope, self.key),
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
