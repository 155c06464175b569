"""Signing up and signing in: the identity provider behind the account's rate limit."""

import hashlib
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from foliolens.accounts.auth_models import (
    AccountUser,
    MfaRequired,
    RegisteredUser,
    RegisterRequest,
    SignedIn,
)
from foliolens.accounts.known_devices import KnownDevices
from foliolens.accounts.records import AccountRecords
from foliolens.accounts.throttle import AccountThrottle
from foliolens.errors import AuthenticationFailed, EmailExists
from foliolens.kit import json
from foliolens.kit.idempotency import Once
from foliolens.ports.identity import (
    Identity,
    IdentityUser,
    MfaChallenge,
    MfaSetup,
    SessionsEnded,
    Tokens,
)
from foliolens.ports.metrics import NO_METRICS, Metrics

__all__ = ["AuthService"]


class AuthService(Struct, frozen=True):
    """What the `auth` routes do.

    Attributes:
        identity: Knows passwords, codes and tokens.
        records: Profiles, idempotency keys, and which tokens are void.
        throttle: Limits attempts on one account.
        devices: Tells devices that signed in before from strangers.
        metrics: Count registrations.
    """

    identity: Identity
    records: AccountRecords
    throttle: AccountThrottle
    devices: KnownDevices
    metrics: Metrics = NO_METRICS

    def register(self, request: RegisterRequest, once: Once) -> RegisteredUser:
        """Create an account.

        Raises:
            EmailExists: The address has one.
            Conflict: The idempotency key was used for another request.
        """
        self.throttle.attempt("register", request.email)
        # The key is kept apart from the work, which may happen in another system; and its fingerprint
        # leaves the password out, because a plain hash of a password must not be stored.
        scope = "register:" + hashlib.sha256(request.email.encode()).hexdigest()
        without_password = json.encode(request.model_dump(exclude={"password"}))
        once = Once(once.key, hashlib.sha256(without_password).digest())
        earlier = self.records.earlier_registration(once, scope)
        if earlier is not None:
            return earlier
        try:
            registered = self.identity.register(request.email, request.password, request.attributes())
        except EmailExists:
            # A twin of this request may have come first.
            earlier = self.records.earlier_registration(once, scope)
            if earlier is None:
                raise
            return earlier
        self.metrics.happened("registration")
        answer = RegisteredUser(
            message="Enter the code we mailed you to confirm your address."
            if registered.verification_required
            else "Your account is ready: sign in.",
            user_id=registered.user_id,
            verification_required=registered.verification_required,
        )
        return self.records.keep_registration(once, scope, answer)

    def confirm(self, email: str, code: str) -> None:
        """Confirm an address with the mailed code."""
        self.throttle.attempt("confirm", email)
        self.identity.confirm(email, code)

    def resend_code(self, email: str) -> None:
        """Mail another confirmation code."""
        self.throttle.attempt("resend", email)
        self.identity.resend_code(email)

    def login(self, email: str, password: str, device: str | None) -> SignedIn | MfaRequired:
        """Sign in, or ask for the second factor; a known device is counted apart from strangers."""
        known = self.devices.knows(device, email)
        self.throttle.attempt("login on a known device" if known else "login", email)
        outcome = self.identity.login(email, password, known_device=known)
        if isinstance(outcome, MfaChallenge):
            return MfaRequired(challenge="SOFTWARE_TOKEN_MFA", session=outcome.session)
        return self._signed_in(outcome)

    def answer_mfa(self, session: str, code: str) -> SignedIn:
        """Finish signing in with a TOTP code."""
        self.throttle.attempt("mfa", session)
        return self._signed_in(self.identity.answer_mfa(session, code))

    def setup_mfa(self, access_token: str) -> MfaSetup:
        """Make a TOTP secret."""
        return self.identity.setup_mfa(access_token)

    def enable_mfa(self, access_token: str, code: str) -> None:
        """Turn the second factor on."""
        self.throttle.attempt("mfa", str(self.identity.verify(access_token).user_id))
        self.identity.enable_mfa(access_token, code)

    def disable_mfa(self, access_token: str, password: str) -> None:
        """Turn the second factor off."""
        self.throttle.attempt("password", str(self.identity.verify(access_token).user_id))
        self.identity.disable_mfa(access_token, password)

    def refresh(self, refresh_token: str) -> SignedIn:
        """Exchange a refresh token."""
        return self._signed_in(self.identity.refresh(refresh_token))

    def logout(self, access_token: str) -> None:
        """End every session of the user, access tokens included."""
        self._void_tokens(self.identity.logout(access_token))

    def forgot_password(self, email: str) -> None:
        """Mail a code for a new password.

        Refusing here would let a stranger keep the owner from it; mails to one address are spaced anyway.
        """
        self.identity.forgot_password(email)

    def reset_password(self, email: str, code: str, password: str) -> None:
        """Set a new password with the mailed code, which ends every session.

        Wrong codes are counted, the right one never has to wait: else whoever guesses could keep its owner
        from using it.
        """
        try:
            ended = self.identity.reset_password(email, code, password)
        except AuthenticationFailed:
            self.throttle.attempt("reset", email)
            raise
        self._void_tokens(ended)

    def jwks(self) -> Mapping[str, Any]:
        """The public keys of our tokens."""
        return self.identity.jwks()

    def _void_tokens(self, ended: SessionsEnded) -> None:
        self.records.void_tokens(ended.user_id, ended.at)

    def _signed_in(self, tokens: Tokens) -> SignedIn:
        return SignedIn(
            access_token=tokens.access_token,
            id_token=tokens.id_token,
            refresh_token=tokens.refresh_token,
            expires_in=tokens.expires_in,
            user=self._account_user(tokens.user),
        )

    def _account_user(self, user: IdentityUser) -> AccountUser:
        """The user with the profile's present values; those of registration until there is a profile."""
        stated = self.records.profile(user.id) or {
            field: getattr(user.attributes, field)
            for field in ("first_name", "last_name", "user_type", "investment_experience", "risk_tolerance")
        }
        return AccountUser(
            id=user.id,
            email=user.email,
            first_name=stated["first_name"],
            last_name=stated["last_name"],
            user_type=stated["user_type"],
            investment_experience=stated["investment_experience"],
            risk_tolerance=stated["risk_tolerance"],
            mfa_enabled=user.mfa_enabled,
            operator=user.operator,
        )
