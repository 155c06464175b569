"""What stands for a provider of news whose key is not set: it says so, and which setting it is."""

from foliolens.ports.market import NewsPage, NewsQuery, ProviderPaused, ProviderStatus

__all__ = ["KeylessNews"]

_LATER = 3600


class KeylessNews:
    """See `NewsProvider`.

    Args:
        name: Of the provider.
        setting: The variable that sets its key.
    """

    def __init__(self, name: str, setting: str) -> None:
        self.name = name
        self._reason = f"There is no key for {name}: set {setting}."

    def page(self, query: NewsQuery, within: float) -> NewsPage:  # noqa: ARG002
        """Refuse, with the reason."""
        raise ProviderPaused(self._reason, _LATER)

    def status(self) -> ProviderStatus:
        """Not configured."""
        return ProviderStatus(name=self.name, configured=False)
