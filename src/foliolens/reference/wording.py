"""The words of the taxonomy as sentences want them."""

__all__ = ["plain"]

_SHORT = {"us": "US", "etf": "ETF", "reit": "REIT"}


def plain(key: str) -> str:
    """Write a key of the taxonomy as words: `us_large_cap` as `US large cap`."""
    return " ".join(_SHORT.get(word, word) for word in key.split("_"))
