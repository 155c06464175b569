"""The public keys of a Cognito user pool, fetched once, and again when a token names an unknown one."""

from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm

from foliolens.adapters.identity_words import UNAVAILABLE
from foliolens.errors import ServiceUnavailable

__all__ = ["PoolKeys"]

_SECONDS = 3
_KEPT_SECONDS = 3600
_UNKNOWN_KEY_PAUSE = 5
"""Anybody can make up names of keys: how seldom they make us fetch the set again."""


class PoolKeys:
    """The pool's key set.

    Args:
        url: Where Cognito publishes it.
    """

    def __init__(self, url: str) -> None:
        self._client = jwt.PyJWKClient(
            url, lifespan=_KEPT_SECONDS, timeout=_SECONDS, cooldown_duration=_UNKNOWN_KEY_PAUSE
        )

    def public(self, kid: str) -> RSAPublicKey | None:
        """The key of this name, if the pool has it.

        Raises:
            ServiceUnavailable: Cognito does not answer.
        """
        try:
            key = self._client.get_signing_key(kid).key
        except jwt.PyJWKClientConnectionError as error:
            raise ServiceUnavailable(UNAVAILABLE) from error
        except jwt.PyJWKClientError:
            return None
        return key if isinstance(key, RSAPublicKey) else None

    def jwks(self) -> Mapping[str, Any]:
        """The key set, as our own tokens' keys are told (RFC 7517).

        Raises:
            ServiceUnavailable: Cognito does not answer.
        """
        try:
            keys = self._client.get_signing_keys()
        except jwt.PyJWKClientError as error:
            raise ServiceUnavailable(UNAVAILABLE) from error
        return {
            "keys": [
                {
                    **RSAAlgorithm.to_jwk(key.key, as_dict=True),
                    "kid": key.key_id,
                    "alg": "RS256",
                    "use": "sig",
                    "key_ops": ["verify"],
                }
                for key in keys
                if isinstance(key.key, RSAPublicKey)
            ]
        }
