"""The contract's words as people write them."""

from foliolens.reference.wording import plain
from foliolens.risk.wording import opening

__all__ = ["readable"]


def readable(word: str) -> str:
    """A word such as `information_technology` or `us` as it is written in a report."""
    return "United States" if word == "us" else opening(plain(word))
