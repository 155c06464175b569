"""Numbers: what a column proves about its format, and what is asked."""

from decimal import Decimal

import pytest

from foliolens.holdings.models import IssueCode
from foliolens.holdings.rules import Rules
from foliolens.uploads.reader import Reading, ReadOptions, read

RULES = Rules(override_business_rules=True)


def read_amounts(*cells: str, mapping: dict[str, str] | None = None, total: str | None = None) -> Reading:
    rows = [f'S{number}\t"{cell}"' for number, cell in enumerate(cells)]
    options = ReadOptions(mapping=mapping, rules=RULES, declared_total=Decimal(total) if total else None)
    return read("\n".join(["Symbol\tMarket Value", *rows]).encode(), options)


def amounts(reading: Reading) -> list[str]:
    assert reading.errors == ()
    return [str(holding.amount) for holding in reading.holdings]


def codes(reading: Reading) -> list[tuple[IssueCode, int | None]]:
    return [(error.code, error.line) for error in reading.errors]


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("1234.5", "1234.50"),
        ("$1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1 234,50", "1234.50"),
        ("1\u00a0234,50 €", "1234.50"),
        ("1\u202f234,50", "1234.50"),
        ("1'234.50", "1234.50"),
        ("1’234.50", "1234.50"),
        ("USD 1,234.50", "1234.50"),
        ("1,234.50 EUR", "1234.50"),
        ("+1.2", "1.20"),
        ("12,5", "12.50"),
        ("0,125", "0.12"),
        ("0.125", "0.12"),
        (".5", "0.50"),
        ("1,234,567", "1234567.00"),
        ("1.234.567", "1234567.00"),
        ("12,34,567", "1234567.00"),
        ("1234,567", "1234.57"),
        ("1,2345", "1.23"),
        ("1.234,567", "1234.57"),
        ("1 234.567", "1234.57"),
        ("500", "500.00"),
    ],
)
def test_one_cell_that_has_one_reading_settles_its_column(cell: str, amount: str) -> None:
    assert amounts(read_amounts(cell)) == [amount]


@pytest.mark.parametrize(
    "cell", ["(500.00)", "-500.00", "500.00-", "−500.00", "-$500.00", "$-500.00", "($500.00)"]
)
def test_negative_amounts_are_recognised_and_refused(cell: str) -> None:
    (error,) = read_amounts(cell).errors

    assert (error.code, error.line, error.value) == (IssueCode.OUT_OF_RANGE, 2, cell)


@pytest.mark.parametrize("cell", ["--", "-", "n/a", "N/A", "", "—", "#N/A"])
def test_a_missing_amount_is_missing_and_not_zero(cell: str) -> None:
    assert codes(read_amounts("100.50", cell)) == [(IssueCode.MISSING_REQUIRED_FIELD, 3)]


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "abc",
            "1.2.3",
            "12,345,67",
            "1,23,4",
            "1E5",
            "=1+1",
            "1..2",
            "(5",
            "5)",
            "-(5)",
            "--5",
            "$5$",
            "5%",
        ),
        *("1 2 3", "1,234 567", "1.5K", "٣", "9" * 61),
    ],
)
def test_what_is_no_number_is_refused_with_its_line(cell: str) -> None:
    assert codes(read_amounts("100.50", cell)) == [(IssueCode.INVALID_NUMBER, 3)]


@pytest.mark.parametrize(
    "cells", [("1,234",), ("1.234",), ("1,234", "500"), ("12.345", "100.000", "7"), ("$1,234",)]
)
def test_numbers_with_two_readings_are_asked_about_once(cells: tuple[str, ...]) -> None:
    (error,) = read_amounts(*cells).errors

    assert (error.code, error.line, error.column) == (IssueCode.AMBIGUOUS_NUMBER, 2, "Market Value")
    assert '"numberFormat:Market Value"' in (error.suggestion or "")


@pytest.mark.parametrize(
    ("mapping", "amount"),
    [
        ({"numberFormat:Market Value": "1,234.56"}, "1234.00"),
        ({"numberFormat:market value": "1.234,56"}, "1.23"),
        ({"numberFormat:#2": "1 234,56"}, "1.23"),
        ({"numberFormat": "1,234.56"}, "1234.00"),
    ],
)
def test_the_mapping_answers(mapping: dict[str, str], amount: str) -> None:
    assert amounts(read_amounts("1,234", mapping=mapping)) == [amount]


def test_the_mappings_suggestion_can_be_sent_as_it_is() -> None:
    (error,) = read_amounts("1,234").errors

    assert error.suggestion == (
        'Send the mapping {"numberFormat:Market Value": "1,234.56"} if it is 1234, '
        'or "1.234,56" if it is 1.234.'
    )


def test_cells_that_do_not_fit_the_stated_format_are_refused() -> None:
    mapping = {"numberFormat": "1.234,56"}

    assert codes(read_amounts("1.234,50", "1,234.50", mapping=mapping)) == [(IssueCode.INVALID_NUMBER, 3)]


def test_an_unknown_number_format_is_refused() -> None:
    (error,) = read_amounts("1.5", mapping={"numberFormat": "english"}).errors

    assert (error.code, error.column) == (IssueCode.AMBIGUOUS_NUMBER, "numberFormat")


def test_one_cell_decides_for_the_whole_column() -> None:
    assert amounts(read_amounts("1.234", "2.345", "12,5")) == ["1234.00", "2345.00", "12.50"]
    assert amounts(read_amounts("1.234", "2.345", "12.5")) == ["1.23", "2.34", "12.50"]


def test_contradicting_cells_are_refused_where_most_say_otherwise() -> None:
    assert codes(read_amounts("1.50", "2.50", "3,50")) == [(IssueCode.INVALID_NUMBER, 4)]


def test_where_it_is_a_tie_all_contradicting_cells_are_refused() -> None:
    assert codes(read_amounts("1.50", "3,50")) == [
        (IssueCode.INVALID_NUMBER, 2),
        (IssueCode.INVALID_NUMBER, 3),
    ]


def test_the_declared_total_decides_when_only_one_reading_sums_to_it() -> None:
    assert amounts(read_amounts("1.234", "500", total="1734")) == ["1234.00", "500.00"]
    assert amounts(read_amounts("1.500", "500", total="501.50")) == ["1.50", "500.00"]


def test_a_stated_total_that_fits_both_readings_decides_nothing() -> None:
    reading = read_amounts("1.234", "2.345")
    with_total = read(
        b"Symbol\tMarket Value\nAAPL\t1.234\nKO\t2.345\nTotal\t3.579\n", ReadOptions(rules=RULES)
    )

    assert codes(reading) == codes(with_total) == [(IssueCode.AMBIGUOUS_NUMBER, 2)]


def read_table(text: str, **options: object) -> Reading:
    return read(text.encode(), ReadOptions(rules=RULES, **options))  # type: ignore[arg-type]


def test_shares_with_three_decimals_are_proven_by_price_and_value() -> None:
    reading = read_table("Symbol;Shares;Price;Value\nVTSAX;123.456;100.10;12357.95\n")

    assert reading.holdings[0].shares == Decimal("123.456")


def test_grouped_shares_are_proven_by_price_and_value() -> None:
    reading = read_table("Symbol;Shares;Price;Value\nVTSAX;1.234;10,50;12957,00\n")

    assert reading.holdings[0].shares == Decimal(1234)


def test_two_undecided_columns_whose_readings_cancel_out_are_asked_about() -> None:
    reading = read_table("Symbol;Shares;Price;Value\nAAPL;1.234;1,500;1851.00\n")

    assert codes(reading) == [(IssueCode.AMBIGUOUS_NUMBER, 2)] * 2


def test_a_price_in_another_currency_decides_nothing() -> None:
    text = "Symbol;Shares;Currency;Price;Value in EUR\nAAPL;1.234;USD;10,50;12957,00\n"

    assert codes(read_table(text)) == [(IssueCode.AMBIGUOUS_NUMBER, 2)]


def test_an_allocation_above_100_is_no_reading() -> None:
    reading = read_table("Symbol;Weight;Value\nAAPL;33,333;100\nKO;66,667;200\n")

    assert reading.errors == ()
    assert reading.columns[1].number_format == "1.234,56"


def test_allocations_decide_about_amounts_that_differ_in_size() -> None:
    reading = read_table("Symbol;Weight;Value\nAAPL;71,16;1.234\nKO;28,84;500\n")

    assert amounts(reading) == ["1234.00", "500.00"]


def test_each_column_has_a_format_of_its_own() -> None:
    reading = read_table("Symbol;Shares;Price;Value\nAAPL;1.234,5;1,234.50;1523990.25\n")

    assert amounts(reading) == ["1523990.25"]
    assert [column.number_format for column in reading.columns] == [None, "1.234,56", "1,234.56", "1,234.56"]


def test_percent_signs_belong_to_percentages_alone() -> None:
    reading = read_table("Symbol,Weight,Value\nAAPL,50.0%,100\nKO,50 %,100%\n")

    assert codes(reading) == [(IssueCode.INVALID_NUMBER, 3)]
