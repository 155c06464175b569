"""In what steps a position can be traded, exactly: whole shares, fractions of shares, or cents."""

from decimal import Decimal
from fractions import Fraction

from msgspec import Struct

__all__ = ["CENTS", "Lots", "lots_of"]

_FRACTION_OF_A_SHARE = Fraction(1, 1_000_000)


class Lots(Struct, frozen=True):
    """Trades are whole numbers of lots; their amounts are rounded to the cent, half up.

    Attributes:
        numerator: Price of one lot in cents, numerator; above 0.
        denominator: The same, denominator; above 0.
        held: Lots there are to sell; None where that follows from the amount alone.
        shares: Shares in one lot; None for lots that are amounts.
    """

    numerator: int
    denominator: int
    held: int | None
    shares: Fraction | None

    def cents(self, count: int) -> int:
        """Return what `count` lots cost."""
        return (2 * count * self.numerator + self.denominator) // (2 * self.denominator)

    def within(self, cents: int) -> int:
        """Return the most lots that cost no more than `cents`."""
        return max(0, (self.denominator * (2 * cents + 1) - 1) // (2 * self.numerator))

    def covering(self, cents: int) -> int:
        """Return the fewest lots that cost `cents` or more."""
        return max(0, -(-self.denominator * (2 * cents - 1) // (2 * self.numerator)))

    def affordable(self, cents: int) -> int:
        """Return the most lots that `cents` surely pay for, whatever was traded before."""
        return max(0, (cents - self._rounding) * self.denominator // self.numerator)

    def nearest(self, cents: int) -> int:
        """Return the number of lots whose price is nearest to `cents`, the smaller of two in doubt."""
        twice = 2 * (cents - self._rounding) * self.denominator
        return max(0, -((self.numerator - twice) // (2 * self.numerator)))

    @property
    def _rounding(self) -> int:
        """By how many cents lots may be dearer or cheaper on top of others than alone."""
        return 0 if self.denominator == 1 else 1

    def sellable(self, cents: int) -> int:
        """Return how many lots a position worth `cents` can sell."""
        count = self.within(cents)
        return count if self.held is None else min(count, self.held)


CENTS = Lots(1, 1, None, None)
"""Any amount to the cent."""


def lots_of(price: Fraction, held: Decimal | None, *, fractional: bool) -> Lots:
    """Return the lots of a position whose share costs `price` dollars, above 0.

    Args:
        price: Of one share.
        held: Shares held, where they are known.
        fractional: Whether millionths of a share can be traded. Where these cost no more than a cent,
            every amount can be met, so the lot is a cent.
    """
    shares = _FRACTION_OF_A_SHARE if fractional else Fraction(1)
    cents = 100 * price * shares
    if fractional and cents <= 1:
        return CENTS
    count = None if held is None else int(Fraction(held) / shares)
    return Lots(cents.numerator, cents.denominator, count, shares)
