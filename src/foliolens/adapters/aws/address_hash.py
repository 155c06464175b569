"""Addresses in the keys of the table, which are not to tell them."""

import hashlib

__all__ = ["address_hash"]


def address_hash(email: str) -> str:
    """SHA-256 of an e-mail address in small letters, in hexadecimal."""
    return hashlib.sha256(email.lower().encode()).hexdigest()
