"""What clients are told when a provider has no answer."""

from collections.abc import Iterator
from contextlib import contextmanager

from foliolens.errors import ProviderError, ServiceUnavailable, TickerNotFound, ValidationFailed
from foliolens.ports.market import ProviderFailed, ProviderUnavailable, QuestionRefused, UnknownTicker

__all__ = ["told"]


@contextmanager
def told(subject: str, field: str) -> Iterator[None]:
    """Turn what providers raise into the errors of the contract.

    Args:
        subject: What was asked for.
        field: The parameter that named it.
    """
    try:
        yield
    except UnknownTicker:
        raise TickerNotFound(f"The provider knows no ticker {subject}.") from None
    except QuestionRefused:
        message = f"The provider does not accept {subject}."
        raise ValidationFailed.of(field, "NOT_ACCEPTED", message) from None
    except ProviderFailed as failure:
        raise ProviderError(failure.reason, retry_after=failure.retry_after) from None
    except ProviderUnavailable as pause:
        raise ServiceUnavailable(pause.reason, retry_after=pause.retry_after) from None
