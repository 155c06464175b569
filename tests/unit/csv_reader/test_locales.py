"""A number is never off by a factor: random portfolios in every locale and dialect."""

from decimal import Decimal

from hypothesis import HealthCheck, given, settings

from foliolens.holdings.models import IssueCode
from foliolens.holdings.rules import Rules
from foliolens.uploads.reader import ReadOptions, read
from tests.unit.csv_reader.dialects import File, files

RULES = Rules(override_business_rules=True)
THOROUGH = settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])


@given(files())
@THOROUGH
def test_a_file_is_read_to_the_cent_or_the_user_is_asked(file: File) -> None:
    reading = read(file.content, ReadOptions(rules=RULES))

    if reading.errors:
        assert {error.code for error in reading.errors} == {IssueCode.AMBIGUOUS_NUMBER}
        assert reading.holdings == ()
    else:
        assert {h.symbol: h.amount for h in reading.holdings} == file.amounts
        assert {h.symbol: h.shares for h in reading.holdings if h.shares is not None} == file.shares


@given(files())
@THOROUGH
def test_stating_the_formats_always_reads_the_file(file: File) -> None:
    columns = file.columns
    mapping = {"numberFormat:Market Value": columns.amount.name}
    if columns.shares and columns.price:
        mapping |= {"numberFormat:Quantity": columns.shares.name, "numberFormat:Price": columns.price.name}

    reading = read(file.content, ReadOptions(mapping=mapping, rules=RULES))

    assert reading.errors == ()
    assert {h.symbol: h.amount for h in reading.holdings} == file.amounts


@given(files(amount_places=(2,), share_places=(0,)))
@THOROUGH
def test_cents_leave_no_doubt_about_amounts(file: File) -> None:
    reading = read(file.content, ReadOptions(rules=RULES))

    asked = {error.column for error in reading.errors}
    cents = any(value % 1 and (value * 10) % 1 for value in file.amounts.values())
    assert "Market Value" not in asked or (file.columns.amount.trimmed and not cents)
    assert reading.errors or sum(h.allocation for h in reading.holdings) == Decimal("100.00")
