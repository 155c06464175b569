"""The mails we send about accounts."""

from foliolens.ports.mail import Message

__all__ = ["confirmation", "mfa_changed", "password_changed", "password_reset"]

_NOT_YOU = "If this was not you, ignore this message: nothing happens without the code."


def confirmation(email: str, code: str, minutes: int) -> Message:
    """The code that confirms an address."""
    return Message(
        email,
        f"{code} is your FolioLens confirmation code",
        f"Welcome to FolioLens.\n\nEnter this code to confirm your e-mail address: {code}\n"
        f"It is good for {minutes} minutes.\n\n{_NOT_YOU}\n",
    )


def password_reset(email: str, code: str, minutes: int) -> Message:
    """The code that allows a new password."""
    return Message(
        email,
        f"{code} is your FolioLens password code",
        f"Enter this code to choose a new password: {code}\n"
        f"It is good for {minutes} minutes.\n\n{_NOT_YOU}\n",
    )


def password_changed(email: str) -> Message:
    """The notice that the password is another one now."""
    return Message(
        email,
        "Your FolioLens password was changed",
        "Your password was changed and every session was signed out.\n\n"
        "If this was not you, use 'forgot password' at once: only your mailbox can do that.\n",
    )


def mfa_changed(email: str, *, enabled: bool) -> Message:
    """The notice that two-step sign-in was switched."""
    state = "on" if enabled else "off"
    return Message(
        email,
        f"Two-step sign-in was turned {state}",
        f"Two-step sign-in with an authenticator app was turned {state} for your FolioLens account.\n\n"
        "If this was not you, reset your password.\n",
    )
