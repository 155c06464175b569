"""The RSA keys that sign our tokens: kept in the database, shared by every process, rotated."""

import logging
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)
from jwt.algorithms import RSAAlgorithm
from msgspec import Struct

from foliolens.errors import ServiceUnavailable
from foliolens.kit.database import Database, Transaction
from foliolens.ports.clock import Clock

__all__ = ["KeyRing", "SigningKey"]

_log = logging.getLogger(__name__)

_LOCK = 0x6B657973  # "keys": one process makes the key, the others find it
_KEY_BITS = 2048
_ROTATED_AFTER = timedelta(days=90)
_LOADED_FOR = timedelta(minutes=1)
_UNKNOWN_KEY_PAUSE = timedelta(seconds=5)
_UNKNOWN_KEY_PATIENCE_SECONDS = 0.25
_RETIREMENT_MARGIN = timedelta(hours=1)


class SigningKey(Struct, frozen=True):
    """One key pair.

    Attributes:
        kid: Its name in token headers and in the key set.
        private: Signs.
        created_at: The newest key that is not superseded signs.
        retires_at: When it stops verifying; None until it is superseded.
    """

    kid: str
    private: RSAPrivateKey
    created_at: datetime
    retires_at: datetime | None

    def verifies_at(self, now: datetime) -> bool:
        """Whether tokens signed with it still count."""
        return self.retires_at is None or now < self.retires_at


class _Loaded(Struct, frozen=True):
    keys: Mapping[str, SigningKey]
    at: datetime


class KeyRing:
    """The present keys, cached in memory.

    Args:
        database: Holds the keys.
        clock: Decides about rotation and retirement.
        token_lifetime: How long a superseded key must go on verifying.
    """

    def __init__(self, database: Database, clock: Clock, token_lifetime: timedelta) -> None:
        self._database = database
        self._clock = clock
        self._overlap = token_lifetime + _RETIREMENT_MARGIN
        self._lock = threading.Lock()
        self._loaded: _Loaded | None = None
        self._asked_at: datetime | None = None

    def signing(self) -> SigningKey:
        """The key to sign with; makes the first one, and a new one every 90 days.

        Uses a connection of its own now and then: call it outside of transactions.
        """
        now = self._clock.now()
        key = _newest(self._keys(now, not_before=now - _LOADED_FOR))
        if key is None or now - key.created_at >= _ROTATED_AFTER:
            return self._replace(key)
        return key

    def public(self, kid: str) -> RSAPublicKey | None:
        """The public half of a key, if there is such a key and it still counts.

        An unknown name may be a new key of another process, so the keys are read again; at most once in
        five seconds, because anybody can make up names, and with little patience, because the caller may
        be an event loop.
        """
        now = self._clock.now()
        loaded = self._loaded
        keys = loaded.keys if loaded else self._keys(now, not_before=now)
        if kid not in keys:
            keys = self._read_in_background(now) or keys
        key = keys.get(kid)
        return key.private.public_key() if key and key.verifies_at(now) else None

    def jwks(self) -> Mapping[str, Any]:
        """The JSON Web Key Set of all keys that count."""
        self.signing()
        now = self._clock.now()
        return {
            "keys": [
                {
                    **RSAAlgorithm.to_jwk(key.private.public_key(), as_dict=True),
                    "kid": key.kid,
                    "alg": "RS256",
                    "use": "sig",
                    "key_ops": ["verify"],
                }
                for key in self._keys(now, not_before=now - _LOADED_FOR).values()
                if key.verifies_at(now)
            ]
        }

    def rotate(self) -> SigningKey:
        """Make a new key; the one before goes on verifying until its last token has expired."""
        return self._replace(self.signing())

    def _replace(self, superseded: SigningKey | None) -> SigningKey:
        """The successor of a key, made by whichever process comes first."""
        pem = _new_private_pem()
        with self._lock, self._database.system() as transaction:
            transaction.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            now = self._clock.now()
            newest = _newest(_read(transaction, now))
            if _kid(newest) == _kid(superseded):
                _insert(transaction, pem, now, retire_others_at=now + self._overlap)
            keys = _read(transaction, now)
            self._loaded = _Loaded(keys, now)
        successor = _newest(keys)
        if successor is None:
            raise LookupError("the signing key that was just stored is gone")
        return successor

    def _read_in_background(self, now: datetime) -> Mapping[str, SigningKey] | None:
        """The keys, read again in a thread that is waited for a moment; None if it is too soon for that."""
        loaded = self._loaded
        last = max((at for at in (self._asked_at, loaded.at if loaded else None) if at), default=None)
        if last is not None and now - last < _UNKNOWN_KEY_PAUSE:
            return None
        self._asked_at = now
        reading = threading.Thread(target=self._try_to_read, args=(now,), daemon=True)
        reading.start()
        reading.join(_UNKNOWN_KEY_PATIENCE_SECONDS)
        return self._loaded.keys if self._loaded else None

    def _try_to_read(self, now: datetime) -> None:
        try:
            self._keys(now, not_before=now)
        except ServiceUnavailable:
            _log.warning("the signing keys could not be read again")

    def _keys(self, now: datetime, *, not_before: datetime) -> Mapping[str, SigningKey]:
        """The keys, read again if they were last read before the given time."""
        with self._lock:
            if self._loaded is None or self._loaded.at < not_before:
                with self._database.system() as transaction:
                    self._loaded = _Loaded(_read(transaction, now), now)
            return self._loaded.keys


def _kid(key: SigningKey | None) -> str | None:
    return key.kid if key else None


def _newest(keys: Mapping[str, SigningKey]) -> SigningKey | None:
    current = (key for key in keys.values() if key.retires_at is None)
    return max(current, key=lambda key: key.created_at, default=None)


def _new_private_pem() -> str:
    return (
        generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
        .private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        .decode()
    )


def _insert(transaction: Transaction, pem: str, now: datetime, *, retire_others_at: datetime) -> None:
    transaction.execute(
        "UPDATE identity.signing_keys SET retires_at = %s WHERE retires_at IS NULL", (retire_others_at,)
    )
    transaction.execute(
        "INSERT INTO identity.signing_keys (kid, private_pem, created_at) VALUES (%s, %s, %s)",
        (uuid4().hex, pem, now),
    )


def _read(transaction: Transaction, now: datetime) -> Mapping[str, SigningKey]:
    rows = transaction.execute(
        "SELECT kid, private_pem, created_at, retires_at FROM identity.signing_keys"
        " WHERE retires_at IS NULL OR retires_at > %s",
        (now,),
    ).fetchall()
    return {
        row["kid"]: SigningKey(
            row["kid"], _private_key(row["private_pem"]), row["created_at"], row["retires_at"]
        )
        for row in rows
    }


def _private_key(pem: str) -> RSAPrivateKey:
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("a signing key is not an RSA key")
    return key
