"""What stands for a provider whose key is not set: it says so, and which setting it is."""

from datetime import date
from typing import NoReturn

from foliolens.ports.market import (
    Day,
    Description,
    Match,
    NewsPage,
    NewsQuery,
    ProviderPaused,
    ProviderStatus,
)

__all__ = ["KeylessNews", "KeylessPrices"]

_LATER = 3600


class _Keyless:
    cacheable = True

    def __init__(self, name: str, setting: str) -> None:
        self.name = name
        self._reason = f"There is no key for {name}: set {setting}."

    def status(self) -> ProviderStatus:
        """Not configured."""
        return ProviderStatus(name=self.name, configured=False)

    def _refuse(self) -> NoReturn:
        raise ProviderPaused(self._reason, _LATER)


class KeylessPrices(_Keyless):
    """See `PriceProvider`."""

    def prices(self, ticker: str, start: date | None, end: date | None, within: float) -> list[Day]:  # noqa: ARG002
        """Refuse, with the reason."""
        self._refuse()

    def describe(self, ticker: str, within: float) -> Description:  # noqa: ARG002
        """Refuse, with the reason."""
        self._refuse()

    def search(self, query: str, within: float) -> list[Match]:  # noqa: ARG002
        """Refuse, with the reason."""
        self._refuse()


class KeylessNews(_Keyless):
    """See `NewsProvider`."""

    def page(self, query: NewsQuery, within: float) -> NewsPage:  # noqa: ARG002
        """Refuse, with the reason."""
        self._refuse()
