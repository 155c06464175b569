"""How identity providers refuse: the same words from our own store and from Cognito."""

__all__ = [
    "ACCOUNT_GONE",
    "LONG_SINCE_SIGN_IN",
    "NOT_SET_UP",
    "PASSWORD_MISSING",
    "SECOND_FACTOR_IS_ON",
    "SECOND_FACTOR_STAYS_ON",
    "SESSION_ENDED",
    "SESSION_EXPIRED",
    "SIGNED_OUT",
    "UNAVAILABLE",
    "WRONG_CODE",
    "WRONG_PROOF",
    "WRONG_SIGN_IN",
    "WRONG_TOTP",
]

WRONG_SIGN_IN = (
    "The e-mail address or the password is wrong. After several failures an account pauses for up to"
    " 15 minutes; resetting the password ends the pause."
)
WRONG_CODE = "The code is wrong or has expired: check it, or ask for a new one."
WRONG_TOTP = "The code is wrong or has expired: try the next one, or sign in again."
WRONG_PROOF = "The code is wrong: check the clock of your phone and try again."
SECOND_FACTOR_IS_ON = "Two-step sign-in is on already."
SECOND_FACTOR_STAYS_ON = "Two-step sign-in is on already: turn it off first."
NOT_SET_UP = "Ask for a secret first: POST /auth/mfa/setup."
SESSION_ENDED = "The session has ended: sign in again."
SESSION_EXPIRED = "The session has expired: sign in again."
SIGNED_OUT = "You signed out everywhere: sign in again."
PASSWORD_MISSING = "This field is required."  # noqa: S105 - a message
LONG_SINCE_SIGN_IN = "Sign in again: this has to be done within five minutes of it."
ACCOUNT_GONE = "There is no such account any more."
UNAVAILABLE = "The sign-in service does not answer: try again shortly."
