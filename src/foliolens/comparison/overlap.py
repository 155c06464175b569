"""How much two portfolios hold the same."""

from collections.abc import Mapping

__all__ = ["jaccard", "overlap"]


def overlap(first: Mapping[str, float], second: Mapping[str, float]) -> float:
    """Return Σ min(w1, w2) over the symbols of both: the share of the value that is held alike, 0 to 1.

    Args:
        first: Weight by symbol; the weights sum to 1.
        second: Likewise.
    """
    shared = sorted(first.keys() & second.keys())  # in one order, so that neither comes first
    return min(1.0, sum(min(first[symbol], second[symbol]) for symbol in shared))


def jaccard(first: Mapping[str, float], second: Mapping[str, float]) -> float:
    """Return |A ∩ B| / |A ∪ B| of the symbols: the share of symbols that both hold, 0 to 1.

    Source: P. Jaccard, "The Distribution of the Flora in the Alpine Zone", New Phytologist 11, 1912.

    Args:
        first: By symbol, at least one.
        second: Likewise.
    """
    return len(first.keys() & second.keys()) / len(first.keys() | second.keys())
