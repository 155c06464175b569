"""Time-based one-time passwords (RFC 6238): 30 seconds a step, six digits."""

import hmac
from datetime import datetime

import pyotp

__all__ = ["matching_step", "new_secret", "provisioning_uri"]

_STEP_SECONDS = 30
_DRIFT_STEPS = 1
_ISSUER = "FolioLens"


def new_secret() -> str:
    """A random secret, base32."""
    return pyotp.random_base32()


def provisioning_uri(secret: str, email: str) -> str:
    """The `otpauth://` URI that authenticator apps read from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=_ISSUER)


def matching_step(secret: str, code: str, now: datetime, *, after: int) -> int | None:
    """The time step a code belongs to, one step of clock drift allowed either way.

    Args:
        secret: Base32.
        code: What the person typed.
        now: The present moment.
        after: The last step that was used: it and earlier ones are spent.

    Returns:
        The step, to be stored as used; None if the code is wrong or spent.
    """
    totp = pyotp.TOTP(secret, interval=_STEP_SECONDS)
    present = int(now.timestamp()) // _STEP_SECONDS
    found = None
    for step in range(present - _DRIFT_STEPS, present + _DRIFT_STEPS + 1):
        right = hmac.compare_digest(totp.generate_otp(step).encode(), code.encode())
        if right and step > after:
            found = step
    return found
