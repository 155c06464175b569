"""What validation enforces, and how strictly."""

from decimal import Decimal

from msgspec import Struct

__all__ = ["Rules"]


class Rules(Struct, frozen=True):
    """The settings of one validation.

    Attributes:
        max_holdings: More rows than this are refused.
        override_business_rules: The owner confirmed: business rules and the comparison of an amount
            with its cost become warnings.
        from_file: The numbers come from a broker's file: more decimals than ours are rounded, and
            percentages may be off by their own rounding.
        sum_duplicates: Rows with one symbol are added up instead of refused.
        allocation_tolerance: Percent by which the allocations' sum may miss 100.
        allocation_tolerance_per_row: Percent added to it for every row of a file.
        total_tolerance: Money by which the amounts' sum may miss the declared total.
        share_price_tolerance: Part of the amount by which shares times price may miss it.
    """

    max_holdings: int = 500
    override_business_rules: bool = False
    from_file: bool = False
    sum_duplicates: bool = False
    allocation_tolerance: Decimal = Decimal("0.01")
    allocation_tolerance_per_row: Decimal = Decimal("0.005")
    total_tolerance: Decimal = Decimal("0.01")
    share_price_tolerance: Decimal = Decimal("0.01")
