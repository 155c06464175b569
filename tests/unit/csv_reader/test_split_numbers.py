"""Grouped numbers without quotes, in a file whose delimiter groups digits too: read right, or asked about."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings

from foliolens.holdings.models import IssueCode
from foliolens.holdings.rules import Rules
from foliolens.uploads.reader import Reading, ReadOptions, read
from tests.unit.csv_reader.dialects import UnquotedFile, unquoted_files

RULES = Rules(override_business_rules=True)


def read_text(text: str, mapping: dict[str, str] | None = None, total: str | None = None) -> Reading:
    declared = None if total is None else Decimal(total)
    return read(text.encode(), ReadOptions(mapping=mapping, declared_total=declared, rules=RULES))


def amounts(reading: Reading) -> list[str]:
    assert reading.errors == ()
    return [str(holding.amount) for holding in reading.holdings]


@given(unquoted_files())
@settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])
def test_no_amount_is_imported_in_part(file: UnquotedFile) -> None:
    reading = read(file.content, ReadOptions(rules=RULES))

    if reading.errors:
        assert {e.code for e in reading.errors} <= {IssueCode.AMBIGUOUS_NUMBER, IssueCode.INCONSISTENT_ROW}
        assert reading.holdings == ()
    else:
        assert {h.symbol: h.amount for h in reading.holdings} == file.amounts


@pytest.mark.parametrize(
    "rows",
    [
        "AAPL,1,234\n",
        "AAPL,1,234.50\n",
        "AAPL,$1,234\n",
        "AAPL,1,234 €\n",
        "AAPL,12,345\nKO,500,\n",
        "AAPL,12,345\nKO,500\n",
        "AAPL,12,345\nKO,999.50,\n",
        "AAPL,12,345\nKO,500,bought in May\n",
        "AAPL,12,345,\nKO,500,45\n",
    ],
)
def test_cells_that_may_be_one_number_are_asked_about(rows: str) -> None:
    reading = read_text(f"Symbol,Amount,Note\n{rows}")

    assert [(e.code, e.line, e.column) for e in reading.errors] == [(IssueCode.AMBIGUOUS_NUMBER, 2, "Amount")]
    assert "Amount and Note" in reading.errors[0].message
    assert '{"#3": "ignore"}' in (reading.errors[0].suggestion or "")


def test_the_next_column_may_have_no_name_or_be_text() -> None:
    unnamed = read_text("Symbol,Amount,\nAAPL,1,234\n")
    shifted = read_text("Symbol,Amount,Name,Note\nAAPL,1,234,Apple\n")

    assert [e.code for e in unnamed.errors] == [IssueCode.AMBIGUOUS_NUMBER]
    assert [e.code for e in shifted.errors] == [IssueCode.AMBIGUOUS_NUMBER]
    assert '{"#3": "name"}' in (shifted.errors[0].suggestion or "")


@pytest.mark.parametrize("mapping", [{"#3": "ignore"}, {"Note": "ignore"}, {"#3": "account"}])
def test_the_mapping_says_that_the_next_column_stands_for_itself(mapping: dict[str, str]) -> None:
    assert amounts(read_text("Symbol,Amount,Note\nAAPL,1,234\n", mapping)) == ["1.00"]


@pytest.mark.parametrize(
    "rows",
    [
        "AAPL,100,Apple\nKO,500,Coca-Cola\n",
        "AAPL,100,234\nKO,500.50,235\n",
        "AAPL,100,234\nKO,1500,235\n",
        "AAPL,100,234\nKO,500,1235\n",
        "AAPL,100,234\nKO,500,12\n",
        'AAPL,100,234\nKO,"1,500.50",\n',
    ],
)
def test_one_row_may_show_that_the_next_column_stands_for_itself(rows: str) -> None:
    assert amounts(read_text(f"Symbol,Amount,Account\n{rows}"))[0] == "100.00"


def test_shares_times_price_shows_it_too() -> None:
    text = "Symbol,Shares,Lot,Price,Value\nAAPL,100,234,2.50,250.00\nKO,50,235,2.00,100.00\n"

    assert amounts(read_text(text)) == ["250.00", "100.00"]


def test_prices_before_the_cut_column_show_nothing() -> None:
    text = "Symbol,Shares,Price,Amount,Avg Price,Note\nAAPL,1,50.00,50.00,1,234\n"

    assert [e.column for e in read_text(text).errors] == ["Avg Price"]


def test_the_declared_total_shows_it_too() -> None:
    assert amounts(read_text("Symbol,Amount,Note\nAAPL,1,234\nKO,2,345\n", total="3")) == ["1.00", "2.00"]


def test_a_total_row_shows_nothing_since_it_may_be_cut_as_well() -> None:
    reading = read_text("Symbol,Amount,Note\nAAPL,1,234\nKO,11,111\nTotal,12,345\n")

    assert [e.code for e in reading.errors] == [IssueCode.AMBIGUOUS_NUMBER]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters_cut_no_numbers(delimiter: str) -> None:
    text = "Symbol,Amount,Note\nAAPL,1,234\n".replace(",", delimiter)

    assert amounts(read_text(text)) == ["1.00"]


def test_a_row_wider_than_the_header_is_an_error() -> None:
    reading = read_text("Symbol,Amount\nAAPL,1,234\n")

    assert [e.code for e in reading.errors] == [IssueCode.INCONSISTENT_ROW]
