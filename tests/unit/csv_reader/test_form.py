"""The form of a file: encodings, delimiters, headers, what surrounds the rows."""

import csv

import pytest

from foliolens.holdings.models import IssueCode
from foliolens.holdings.rules import Rules
from foliolens.uploads.reader import Reading, ReadOptions, read

RULES = Rules(override_business_rules=True)
TABLE = "Symbol,Name,Dollar Amount\nAAPL,Größe,100.50\nKO,Coca-Cola,99.50\n"


def read_text(text: str, mapping: dict[str, str] | None = None, rules: Rules = RULES) -> Reading:
    return read(text.encode(), ReadOptions(mapping=mapping, rules=rules))


def codes(reading: Reading) -> list[IssueCode]:
    return [error.code for error in reading.errors]


def symbols(reading: Reading) -> list[str]:
    assert reading.errors == ()
    return [holding.symbol for holding in reading.holdings]


@pytest.mark.parametrize(
    ("mark", "codec", "named"),
    [
        (b"", "utf-8", "utf-8"),
        (b"\xef\xbb\xbf", "utf-8", "utf-8"),
        (b"\xff\xfe", "utf-16-le", "utf-16-le"),
        (b"", "utf-16-le", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be", "utf-16-be"),
        (b"", "utf-16-be", "utf-16-be"),
        (b"", "cp1252", "cp1252"),
    ],
)
def test_encodings(mark: bytes, codec: str, named: str) -> None:
    reading = read(mark + TABLE.encode(codec), ReadOptions(rules=RULES))

    assert reading.encoding == named
    assert reading.holdings[0].name == "Größe"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(delimiter: str, end: str) -> None:
    reading = read_text(TABLE.replace(",", delimiter).replace("\n", end))

    assert reading.delimiter == delimiter
    assert symbols(reading) == ["AAPL", "KO"]


def test_lines_are_physical_ones_also_after_line_breaks_in_cells() -> None:
    reading = read_text('Symbol,Name,Dollar Amount\nAAPL,"Apple\r\nInc\n",100.50\nKO,Coca-Cola,abc\n')

    (error,) = reading.errors
    assert (error.line, error.column, error.value) == (5, "Dollar Amount", "abc")


@pytest.mark.parametrize(
    "header",
    [
        "TICKER;Qty;Last Price;Market Value",
        "ticker symbol;Quantity;price;MARKET-VALUE ($)",
        "Kürzel;Stück;Kurs;Marktwert",
        "Symbole;Quantité;Cours;Valorisation",
        "Symbool;Aantal;Koers;Waarde",
        "Símbolo;Títulos;Cotización;Valor de mercado",
        "Simbolo;Quantità;Prezzo;Controvalore",
        "Symbol;Qty #;Last Price $;Value $",
    ],
)
def test_headers_in_many_languages(header: str) -> None:
    reading = read_text(
        f"{header}\nAAPL;2;50.25;100.50\n",
    )

    fields = [column.field for column in reading.columns]
    assert fields == ["symbol", "shares", "price", "dollarAmount"]
    assert symbols(reading) == ["AAPL"]


def test_what_a_position_cost_is_never_its_amount() -> None:
    reading = read_text("Symbol,Cost Basis Total\nAAPL,100.50\n")

    assert codes(reading) == [IssueCode.MISSING_COLUMN]


def test_the_current_value_wins_over_other_values() -> None:
    reading = read_text("Symbol,Value,Cost Basis,Current Value\nAAPL,1.50,2.50,3.50\n")

    assert [column.field for column in reading.columns] == ["symbol", None, "costBasis", "dollarAmount"]


def test_the_mapping_wins_over_the_names() -> None:
    reading = read_text(
        "Symbol,Value,Wert\nAAPL,1.50,2.50\n", mapping={"wert": "dollarAmount", "Value": "ignore"}
    )

    assert [column.field for column in reading.columns] == ["symbol", None, "dollarAmount"]


def test_columns_without_a_known_name_are_mapped_by_place() -> None:
    reading = read_text("Foo,,Bar\nAAPL,1.50,x\n", mapping={"#1": "symbol", "#2": "dollarAmount"})

    assert symbols(reading) == ["AAPL"]


@pytest.mark.parametrize(
    "mapping", [{"Nope": "symbol"}, {"Symbol": "nope"}, {"numberFormat:Nope": "1,234.56"}]
)
def test_a_mapping_that_fits_nothing_is_refused(mapping: dict[str, str]) -> None:
    assert codes(read_text(TABLE, mapping=mapping)) == [IssueCode.MISSING_COLUMN]


def test_two_columns_of_one_name_that_differ_are_asked_about() -> None:
    text = "Symbol,Value,Value\nAAPL,1.50,2.50\n"

    assert codes(read_text(text)) == [IssueCode.MISSING_COLUMN]
    assert symbols(read_text(text, mapping={"#3": "dollarAmount"})) == ["AAPL"]


def test_a_file_without_known_columns_still_shows_its_columns() -> None:
    reading = read_text("Foo,Bar\nx,1\n")

    assert set(codes(reading)) == {IssueCode.MISSING_COLUMN}
    assert [(c.header, c.position, c.samples) for c in reading.columns] == [
        ("Foo", 1, ("x",)),
        ("Bar", 2, ("1",)),
    ]


def test_transactions_alone_are_refused() -> None:
    reading = read_text("Trade Date,Action,Symbol,Quantity,Price,Amount\n2024-01-05,Buy,AAPL,1,2.50,2.50\n")

    assert codes(reading) == [IssueCode.MISSING_COLUMN]


def test_a_second_table_with_other_columns_is_refused() -> None:
    reading = read_text(TABLE + "\nSymbol,Weight,Shares\nAAPL,50,1\n")

    assert codes(reading) == [IssueCode.NOT_CSV]


def test_a_total_that_the_rows_do_not_sum_to_is_an_error() -> None:
    reading = read_text(TABLE + "Total,,300.00\n")

    (error,) = reading.errors
    assert (error.code, error.line, error.value) == (IssueCode.INVALID_DOLLAR_CONSISTENCY, 4, "300.00")


def test_a_fund_called_total_is_no_total() -> None:
    reading = read_text(
        "Symbol,Name,Dollar Amount\nVTI,Total Stock Market,100.50\nTTE,TotalEnergies SE,99.50\n"
    )

    assert symbols(reading) == ["VTI", "TTE"]


def test_a_row_without_symbol_is_an_error_and_not_a_note() -> None:
    reading = read_text(TABLE + ",Total Bond Market Index Trust,50.25\n")

    assert [(e.code, e.line) for e in reading.errors] == [(IssueCode.MISSING_REQUIRED_FIELD, 4)]


def test_closed_positions_are_skipped_and_counted() -> None:
    reading = read_text("Symbol,Shares,Value\nAAPL,1,100.50\nOLD,0,0.00\nGONE,0,--\n")

    assert symbols(reading) == ["AAPL"]
    assert reading.rows.skipped == 2


@pytest.mark.parametrize("mapping", [None, {"#1": "symbol", "#2": "dollarAmount"}])
def test_a_file_that_starts_with_data_is_told_to_have_no_header(mapping: dict[str, str] | None) -> None:
    (error,) = read_text("AAPL,100.00\nMSFT,200.00\n", mapping).errors

    assert (error.code, error.line, error.value) == (IssueCode.MISSING_COLUMN, 1, "AAPL, 100.00")
    assert "no header row" in error.message
    assert "Add one" in (error.suggestion or "")


def test_a_header_of_unknown_names_is_no_data() -> None:
    reading = read_text("Papier,2024\nAAPL,100.50\n", {"#1": "symbol", "#2": "dollarAmount"})

    assert symbols(reading) == ["AAPL"]


@pytest.mark.parametrize("mark", ["\u200b", "\u200e", "\u200f", "\ufeff", " \u200e ", "\u2066"])
def test_invisible_characters_around_a_cell_change_nothing(mark: str) -> None:
    rows = f"{mark}AAPL{mark},{mark}$100.50{mark}\n{mark}KO{mark},{mark}--{mark}\nPEP,1.5\n"

    reading = read_text(f"Symbol,Dollar Amount\n{rows}")

    assert [(e.code, e.line) for e in reading.errors] == [(IssueCode.MISSING_REQUIRED_FIELD, 3)]
    assert symbols(read_text(f"Symbol,Dollar Amount\n{rows}".replace("--", "2.50"))) == ["AAPL", "KO", "PEP"]


def test_an_issue_shows_the_cell_with_its_invisible_characters() -> None:
    (error,) = read_text("Symbol,Dollar Amount\nAAPL,\u200e1x\nKO,2.50\n").errors

    assert error.value == "\u200e1x"


def test_odd_rows_in_a_long_file_are_told_from_positions() -> None:
    rows = [f"S{number:03},Company {number},10.50\n" for number in range(700)]
    rows[300] = "\n"
    rows[301] = " brk/b ,Berkshire,10.50\n"
    rows[550] = TABLE.partition("\n")[0] + "\n"
    text = TABLE.partition("\n")[0] + "\n" + "".join(rows) + "Total,,7329.00\n"

    reading = read_text(text, rules=Rules(override_business_rules=True, max_holdings=698))

    assert len(symbols(reading)) == 698
    assert (reading.rows.total, reading.rows.skipped) == (700, 2)
    assert reading.holdings[300].symbol == "BRK.B"


def test_an_unquoted_decimal_comma_is_refused() -> None:
    reading = read_text("Symbol,Dollar Amount\nAAPL,100,50\n")

    assert [(e.code, e.line) for e in reading.errors] == [(IssueCode.INCONSISTENT_ROW, 2)]


@pytest.mark.parametrize("symbol", ["-AAPL250117C150", "AAPL250117C00150000", "AAPL 01/17/2025 150.00 C"])
def test_option_contracts_are_refused_as_such(symbol: str) -> None:
    reading = read_text(TABLE + f"{symbol},Call,50.25\n")

    assert [(e.code, e.line) for e in reading.errors] == [(IssueCode.UNSUPPORTED_ASSET_TYPE, 4)]


def test_the_error_of_a_duplicate_names_the_first_line() -> None:
    (error,) = read_text(TABLE + "AAPL,Apple,5.50\n").errors

    assert (error.code, error.line) == (IssueCode.DUPLICATE_SYMBOL, 4)
    assert "first on line 2" in error.message


@pytest.mark.parametrize("text", [TABLE.replace("Größe", '"Größe'), TABLE.replace("Größe", '"a"b')])
def test_quotes_that_do_not_match_are_refused(text: str) -> None:
    assert codes(read_text(text)) == [IssueCode.NOT_CSV]


def test_an_unclosed_quote_that_the_next_one_closes_loses_no_row() -> None:
    text = 'Symbol,Name,Dollar Amount\nAAPL,"Apple,100.50\nKO,Coca,99.50\nPEP,"Pepsi",50.00\n'

    assert codes(read_text(text)) == [IssueCode.NOT_CSV]


def test_more_rows_than_the_limit_are_refused() -> None:
    reading = read_text(TABLE, rules=Rules(max_holdings=1))

    assert codes(reading) == [IssueCode.TOO_MANY_ROWS]


def test_an_override_of_the_business_rules_reaches_the_file() -> None:
    text = "Symbol,Value\nAAPL,99.50\nKO,0.05\n"

    assert codes(read_text(text, rules=Rules())) == [IssueCode.CONCENTRATION_LIMIT, IssueCode.OUT_OF_RANGE]
    assert symbols(read_text(text)) == ["AAPL", "KO"]


def test_the_parsers_global_field_limit_is_left_alone() -> None:
    before = csv.field_size_limit()
    read_text(TABLE)

    assert csv.field_size_limit() == before
