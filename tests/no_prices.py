"""The reader of prices where there are none to be had."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from foliolens.ports.prices import PriceHistory

__all__ = ["NoPrices"]


class NoPrices:
    """Every symbol is missing, for want of a provider."""

    def read(self, symbols: Sequence[str], start: date, end: date) -> PriceHistory:
        return PriceHistory(series={}, missing=dict.fromkeys(symbols, "NO_PROVIDER"))
