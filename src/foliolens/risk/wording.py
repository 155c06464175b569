"""Numbers and names as sentences want them."""

from collections.abc import Sequence

__all__ = ["listed", "opening", "percent"]


def percent(share: float) -> str:
    """Write a fraction as a percentage with at most one decimal: `43.1%`, `40%`, `under 0.1%`."""
    if 0 < share < 0.0005:
        return "under 0.1%"
    return f"{100 * share:.1f}".removesuffix(".0") + "%"


def opening(text: str) -> str:
    """Return the text with its first letter in upper case, the rest as it is."""
    return text[:1].upper() + text[1:]


def listed(names: Sequence[str], limit: int = 5) -> str:
    """Join names with commas and "and"; beyond the limit, say how many more there are."""
    if len(names) > limit:
        return f"{', '.join(names[:limit])} and {len(names) - limit} more"
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
