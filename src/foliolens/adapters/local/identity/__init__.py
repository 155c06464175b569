"""The local identity store: accounts, sessions, codes, second factor and signing keys in our own database.

`provider` is the face; `sign_in` turns passwords into sessions, `mailboxes` does what ends in a mail, `mfa`
switches the second factor, `tokens` and `keys` sign and verify, `sessions` and `codes` are the life of
refresh tokens and mailed codes, `lockout` and `totp` are pure, `store` holds the SQL of accounts.
"""

from foliolens.adapters.local.identity.passwords import Passwords
from foliolens.adapters.local.identity.provider import LocalIdentity

__all__ = ["LocalIdentity", "Passwords"]
