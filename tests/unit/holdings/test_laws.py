"""Laws of apportioning and of every valid portfolio."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from foliolens.holdings.apportionment import largest_remainder
from foliolens.holdings.models import HoldingDraft
from foliolens.holdings.validation import Rules, validate

WEIGHTS = st.lists(st.integers(0, 10**15), min_size=1, max_size=60).filter(sum)


@given(WEIGHTS, st.integers(0, 10**15))
def test_parts_sum_to_the_whole_and_are_within_one_unit_of_their_share(
    weights: list[int], units: int
) -> None:
    parts = largest_remainder(weights, units)

    whole = sum(weights)
    assert sum(parts) == units
    assert all(
        abs(part * whole - weight * units) < whole for part, weight in zip(parts, weights, strict=True)
    )


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=40).filter(sum))
def test_a_valid_portfolio_adds_up_exactly_and_validates_again_to_the_same(cents: list[int]) -> None:
    rules = Rules(override_business_rules=True)
    drafts = [HoldingDraft(f"S{i}", amount=Decimal(c).scaleb(-2)) for i, c in enumerate(cents)]

    first = validate(drafts, total=None, rules=rules)

    assert first.errors == ()
    assert sum(h.allocation for h in first.holdings) == Decimal("100.00")
    assert sum(h.amount for h in first.holdings) == first.total == Decimal(sum(cents)).scaleb(-2)
    again = validate(
        [
            HoldingDraft(h.symbol, amount=h.amount, allocation=h.allocation, type=h.type)
            for h in first.holdings
        ],
        total=first.total,
        rules=rules,
    )
    assert again.errors == ()
    assert [(h.amount, h.allocation) for h in again.holdings] == [
        (h.amount, h.allocation) for h in first.holdings
    ]


@given(st.lists(st.integers(1, 9_999), min_size=1, max_size=30), st.integers(1, 10**12))
def test_amounts_computed_from_allocations_sum_to_the_total(weights: list[int], total_cents: int) -> None:
    percents = largest_remainder(weights, 10_000)
    drafts = [HoldingDraft(f"S{i}", allocation=Decimal(p).scaleb(-2)) for i, p in enumerate(percents)]
    total = Decimal(total_cents).scaleb(-2)

    validation = validate(drafts, total=total, rules=Rules(override_business_rules=True))

    assert validation.errors == ()
    assert sum(h.amount for h in validation.holdings) == validation.total == total
    assert [h.allocation for h in validation.holdings] == [d.allocation for d in drafts]
