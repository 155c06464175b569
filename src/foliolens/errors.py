"""The tree of errors that reach a client: each carries its HTTP status and its contract code.

```
FolioLensError
├── ValidationFailed           400 VALIDATION_ERROR
│   ├── BodyTooSlow            400 VALIDATION_ERROR
│   └── FileValidationFailed   400 FILE_VALIDATION_ERROR
├── AuthenticationRequired     401 AUTHENTICATION_REQUIRED
│   ├── AuthenticationFailed   401 AUTHENTICATION_FAILED
│   └── TokenExpired           401 TOKEN_EXPIRED
├── Forbidden                  403 FORBIDDEN
│   └── EmailNotConfirmed      403 EMAIL_NOT_CONFIRMED
├── NotFound                   404 NOT_FOUND
│   ├── PortfolioNotFound      404 PORTFOLIO_NOT_FOUND
│   ├── TickerNotFound         404 TICKER_NOT_FOUND
│   ├── ShareNotFound          404 SHARE_NOT_FOUND
│   └── UploadNotFound         404 UPLOAD_NOT_FOUND
├── MethodNotAllowed           405 METHOD_NOT_ALLOWED
├── Conflict                   409 CONFLICT
│   └── EmailExists            409 EMAIL_EXISTS
├── PayloadTooLarge            413 PAYLOAD_TOO_LARGE
├── UnsupportedMediaType       415 UNSUPPORTED_MEDIA_TYPE
├── Unprocessable              422 UNPROCESSABLE
├── RateLimited                429 RATE_LIMITED
├── InternalError              500 INTERNAL_ERROR
├── ProviderError              502 PROVIDER_ERROR
└── ServiceUnavailable         503 SERVICE_UNAVAILABLE
    └── StorageFull            503 SERVICE_UNAVAILABLE
```
"""

from collections.abc import Mapping
from typing import ClassVar, TypedDict

__all__ = [
    "AuthenticationFailed",
    "AuthenticationRequired",
    "BodyTooSlow",
    "Conflict",
    "EmailExists",
    "EmailNotConfirmed",
    "FieldProblem",
    "FileValidationFailed",
    "FolioLensError",
    "Forbidden",
    "InternalError",
    "MethodNotAllowed",
    "NotFound",
    "PayloadTooLarge",
    "PortfolioNotFound",
    "ProviderError",
    "RateLimited",
    "ServiceUnavailable",
    "ShareNotFound",
    "StorageFull",
    "TickerNotFound",
    "TokenExpired",
    "Unprocessable",
    "UnsupportedMediaType",
    "UploadNotFound",
    "ValidationFailed",
]


class FieldProblem(TypedDict):
    """One entry of a validation error's details: where, what (for programs), what (for people)."""

    field: str
    code: str
    message: str


class FolioLensError(Exception):
    """Base of everything a client may be told.

    Args:
        message: One sentence for people; never a secret, never another user's data.
        details: What the contract allows beside it, a list of field problems for validation.
        headers: Response headers that belong to the error (`Retry-After`, `Allow`, ...).
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "INTERNAL_ERROR"
    default_message: ClassVar[str] = "Something went wrong on our side."

    def __init__(
        self,
        message: str | None = None,
        *,
        details: list[FieldProblem] | dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.message = message or self.default_message
        self.details = details
        self.headers = headers or {}
        super().__init__(self.message)


class ValidationFailed(FolioLensError):
    """The request is understood and refused; `details` lists every problem at once."""

    status = 400
    code = "VALIDATION_ERROR"
    default_message = "The request is not valid."

    @classmethod
    def of(cls, field: str, code: str, message: str) -> "ValidationFailed":
        """The error for a single field."""
        return cls(message, details=[FieldProblem(field=field, code=code, message=message)])


class BodyTooSlow(ValidationFailed):
    """The body did not arrive within its time."""

    default_message = "The body did not arrive in time: send it again."


class FileValidationFailed(ValidationFailed):
    """An uploaded file is refused."""

    code = "FILE_VALIDATION_ERROR"
    default_message = "The file is not valid."


class AuthenticationRequired(FolioLensError):
    """No credentials, or none that can be used."""

    status = 401
    code = "AUTHENTICATION_REQUIRED"
    default_message = "Sign in first: send a bearer token in the Authorization header."

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message, headers={"WWW-Authenticate": "Bearer"})


class AuthenticationFailed(AuthenticationRequired):
    """The credentials are wrong; never says which part."""

    code = "AUTHENTICATION_FAILED"
    default_message = "The credentials are not valid."


class TokenExpired(AuthenticationRequired):
    """The token was good once; refreshing it helps."""

    code = "TOKEN_EXPIRED"
    default_message = "The token has expired: refresh it or sign in again."


class Forbidden(FolioLensError):
    """The caller is known and may not do this."""

    status = 403
    code = "FORBIDDEN"
    default_message = "You may not do this."


class EmailNotConfirmed(Forbidden):
    """The account exists, its e-mail address is not confirmed yet."""

    code = "EMAIL_NOT_CONFIRMED"
    default_message = "Confirm your e-mail address first: enter the code we sent you."


class NotFound(FolioLensError):
    """There is no such thing, or none that is the caller's."""

    status = 404
    code = "NOT_FOUND"
    default_message = "There is nothing here."


class PortfolioNotFound(NotFound):
    """No such portfolio among the caller's."""

    code = "PORTFOLIO_NOT_FOUND"
    default_message = "You have no portfolio with this id."


class ShareNotFound(NotFound):
    """No such share of the caller's portfolio, or no link with this token."""

    code = "SHARE_NOT_FOUND"
    default_message = "This portfolio has no share with this id."


class TickerNotFound(NotFound):
    """The market data provider does not know the ticker."""

    code = "TICKER_NOT_FOUND"
    default_message = "There is no such ticker."


class UploadNotFound(NotFound):
    """No such upload among the caller's."""

    code = "UPLOAD_NOT_FOUND"
    default_message = "You have no upload with this id."


class MethodNotAllowed(FolioLensError):
    """The path exists, not with this method."""

    status = 405
    code = "METHOD_NOT_ALLOWED"
    default_message = "This path does not support the method."


class Conflict(FolioLensError):
    """The request does not fit the present state."""

    status = 409
    code = "CONFLICT"
    default_message = "This changed in the meantime: read it again and repeat your change."


class EmailExists(Conflict):
    """The e-mail address has an account already."""

    code = "EMAIL_EXISTS"
    default_message = "There is an account with this e-mail address: sign in or reset the password."


class PayloadTooLarge(FolioLensError):
    """The body is over the limit."""

    status = 413
    code = "PAYLOAD_TOO_LARGE"
    default_message = "The request body is too large."


class UnsupportedMediaType(FolioLensError):
    """The body's content type is not accepted here."""

    status = 415
    code = "UNSUPPORTED_MEDIA_TYPE"
    default_message = "Send the body as application/json."


class Unprocessable(FolioLensError):
    """Well-formed, yet impossible."""

    status = 422
    code = "UNPROCESSABLE"
    default_message = "This cannot be done."


class RateLimited(FolioLensError):
    """Too many requests.

    Args:
        retry_after: Seconds until a request is allowed again.
        headers: The `X-RateLimit-*` headers of the policy that refused.
    """

    status = 429
    code = "RATE_LIMITED"

    def __init__(self, retry_after: int, headers: dict[str, str] | None = None) -> None:
        super().__init__(
            f"Too many requests: try again in {retry_after} seconds.",
            headers={"Retry-After": str(retry_after), **(headers or {})},
        )


class InternalError(FolioLensError):
    """A fault of ours; the log has the rest under the request id."""


class ProviderError(FolioLensError):
    """A provider of market data was asked and did not answer as it should.

    Args:
        message: What happened.
        retry_after: Seconds after which a retry makes sense.
    """

    status = 502
    code = "PROVIDER_ERROR"
    default_message = "A provider of market data did not answer."

    def __init__(self, message: str | None = None, *, retry_after: int = 5) -> None:
        super().__init__(message, headers={"Retry-After": str(retry_after)})


class ServiceUnavailable(FolioLensError):
    """A part we need is down or busy; trying again soon helps.

    Args:
        message: What is unavailable.
        retry_after: Seconds after which a retry makes sense.
    """

    status = 503
    code = "SERVICE_UNAVAILABLE"
    default_message = "The service is busy: try again shortly."

    def __init__(self, message: str | None = None, *, retry_after: int = 2) -> None:
        super().__init__(message, headers={"Retry-After": str(retry_after)})


class NotReady(ServiceUnavailable):
    """Parts of a process cannot be used.

    Args:
        parts: Why, in a sentence for people, by the part's name.
    """

    def __init__(self, parts: Mapping[str, str]) -> None:
        super().__init__(f"Not ready: {', '.join(parts)}.")
        self.details = [
            FieldProblem(field=name, code="NOT_READY", message=reason) for name, reason in parts.items()
        ]


class StorageFull(ServiceUnavailable):
    """A disk is full: what was sent is not stored, not even in part."""

    def __init__(self) -> None:
        super().__init__("There is no space left to store this: nothing was changed.", retry_after=60)
