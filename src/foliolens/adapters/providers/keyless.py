"""What stands for a provider whose key is not set: it says so, and what to set."""

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
    """A provider that is not to be asked.

    Args:
        name: Of the provider.
        setting: What sets its key.
    """

    def __init__(self, name: str, setting: str) -> None:
        self.name = name
        self._setting = setting
        self._reason = f"There is no key for {name}: set {setting}."

    def status(self) -> ProviderStatus:
        """Not configured."""
        return ProviderStatus(name=self.name, configured=False, setting=self._setting)

    def _refuse(self) -> NoReturn:
        raise ProviderPaused(self._reason, _LATER)


class KeylessNews(_Keyless):
    """See `NewsProvider`; every question is refused with the reason."""

    def page(self, query: NewsQuery, within: float) -> NewsPage:  # noqa: ARG002, D102 - as the protocol says
        self._refuse()


class KeylessPrices(_Keyless):
    """See `PriceProvider`; every question is refused with the reason."""

    cacheable = False

    def prices(self, ticker: str, start: date | None, end: date | None, within: float) -> list[Day]:  # noqa: ARG002, D102
        self._refuse()

    def describe(self, ticker: str, within: float) -> Description:  # noqa: ARG002, D102
        self._refuse()

    def search(self, query: str, within: float) -> list[Match]:  # noqa: ARG002, D102
        self._refuse()
