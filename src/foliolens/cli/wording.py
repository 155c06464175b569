"""The contract's words as people write them."""

__all__ = ["readable"]

_NAMES = {"us": "United States", "etf": "ETF", "us_large_cap": "US large cap", "us_mid_cap": "US mid cap"}


def readable(word: str) -> str:
    """A word such as `information_technology` or `us` as it is written in a report."""
    if word in _NAMES:
        return _NAMES[word]
    words = word.replace("_", " ")
    return words[:1].upper() + words[1:]
