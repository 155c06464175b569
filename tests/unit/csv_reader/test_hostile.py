"""Hostile files get a clear answer; and what is exported executes nothing."""

import csv
import io
import random

import pytest

from foliolens.holdings.models import IssueCode
from foliolens.uploads.reader import (
    MAX_BYTES,
    ReadOptions,
    RejectedRow,
    RowIssue,
    neutralised,
    read,
    rejected_csv,
)

HEADER = b"Symbol,Name,Market Value\n"
FULL = MAX_BYTES - len(HEADER)


def lines(row: bytes, count: int) -> bytes:
    return HEADER + row * count


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"", IssueCode.EMPTY_FILE, id="nothing"),
        pytest.param(b"\xef\xbb\xbf \r\n", IssueCode.EMPTY_FILE, id="blank"),
        pytest.param(b"\0" * 1000, IssueCode.EMPTY_FILE, id="zeros"),
        pytest.param(HEADER, IssueCode.EMPTY_FILE, id="header alone"),
        pytest.param(b"x" * (MAX_BYTES + 1), IssueCode.FILE_TOO_LARGE, id="too large"),
        pytest.param(random.Random(1).randbytes(100_000), IssueCode.NOT_CSV, id="binary"),
        pytest.param(HEADER + b"AA\0PL,x,1\n", IssueCode.NOT_CSV, id="one zero"),
        pytest.param(b"PK\x03\x04rest", IssueCode.NOT_CSV, id="xlsx"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", IssueCode.NOT_CSV, id="xls"),
        pytest.param(b"%PDF-1.4\n1,2\n", IssueCode.NOT_CSV, id="pdf"),
        pytest.param(b'{"symbol": "AAPL", "amount": 1}', IssueCode.NOT_CSV, id="json"),
        pytest.param(b"\n<!DOCTYPE html><html>a,b\n1,2", IssueCode.NOT_CSV, id="html"),
        pytest.param(b"just a sentence\nand another", IssueCode.NOT_CSV, id="prose"),
        pytest.param(b"a" * MAX_BYTES, IssueCode.NOT_CSV, id="one line"),
        pytest.param(b"a," * (MAX_BYTES // 2), IssueCode.NOT_CSV, id="one line of cells"),
        pytest.param(HEADER + b'"' * FULL, IssueCode.NOT_CSV, id="quotes"),
        pytest.param(HEADER + b'A,"' + b"x\n" * 1000, IssueCode.NOT_CSV, id="open quote"),
        pytest.param(
            b",".join(b"c%d" % i for i in range(10_000)) + b"\n", IssueCode.NOT_CSV, id="10,000 columns"
        ),
        pytest.param(b"\n" * 1_000_001 + b"x", IssueCode.TOO_MANY_ROWS, id="blank lines"),
        pytest.param(lines(b"AAPL,x,1.50\n", 600), IssueCode.TOO_MANY_ROWS, id="rows"),
        pytest.param(lines(b"no position\n", 30_000), IssueCode.TOO_MANY_ROWS, id="notes"),
        pytest.param(lines(b"AAPL,x,1,2,3\n", 30_000), IssueCode.TOO_MANY_ROWS, id="too wide"),
        pytest.param(b"\xff\xfe\x00\xd8\x00\xd8", IssueCode.ENCODING_ERROR, id="broken utf-16"),
        pytest.param(
            b"\xff\xfe\x00\x00" + "A,B\n".encode("utf-32-le"), IssueCode.ENCODING_ERROR, id="utf-32"
        ),
        pytest.param(
            "Größe,Ärger,Öl\n".encode() + b"a,\xe4,b\n", IssueCode.ENCODING_ERROR, id="damaged utf-8"
        ),
        pytest.param(lines(b"A\x81,x,1\n", 1), IssueCode.ENCODING_ERROR, id="no windows-1252"),
        pytest.param(
            lines(b"AAPL,x," + b"9" * 90_000 + b"\n", 20), IssueCode.INVALID_NUMBER, id="long number"
        ),
        pytest.param(
            lines(b"A" * 90_000 + b",x,1.50\n", 20), IssueCode.INVALID_SYMBOL_FORMAT, id="long symbol"
        ),
        pytest.param(
            lines(b'"' + b'""' * 40_000 + b'",x,1.50\n', 20), IssueCode.INVALID_SYMBOL_FORMAT, id="deep"
        ),
        pytest.param(lines(b"=1+1,@x,=2\n", 1), IssueCode.INVALID_SYMBOL_FORMAT, id="formulas"),
    ],
)
def test_a_hostile_file_gets_a_clear_answer(content: bytes, code: IssueCode) -> None:
    reading = read(content)

    assert reading.holdings == ()
    assert code in {error.code for error in reading.errors}
    assert all(error.message for error in reading.errors)
    assert all(len(error.value or "") <= 100 for error in reading.errors)


def test_the_limit_of_the_size_is_an_option() -> None:
    assert read(HEADER, ReadOptions(max_bytes=5)).errors[0].code is IssueCode.FILE_TOO_LARGE


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "\r=1", " =1"])
def test_formulas_are_neutralised(cell: str) -> None:
    assert neutralised(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-12.5", "+1", "-$1,234.50", "-3%", "AAPL", "", "a=b", "1-2"])
def test_plain_numbers_and_words_are_left_alone(cell: str) -> None:
    assert neutralised(cell) == cell


def test_rejected_rows_come_back_with_their_reasons() -> None:
    reading = read(HEADER + b"AAPL,=cmd(),abc\nKO,Coca-Cola,1.50\nA_B,-2,-1.50\n")

    exported = rejected_csv([c.header for c in reading.columns], reading.rejected, reading.errors)

    rows = list(csv.reader(io.StringIO(exported.decode("utf-8-sig"), newline="")))
    assert rows[0] == ["Symbol", "Name", "Market Value", "line", "code", "message"]
    assert [row[:5] for row in rows[1:]] == [
        ["AAPL", "'=cmd()", "abc", "2", "INVALID_NUMBER"],
        ["A_B", "-2", "-1.50", "4", "INVALID_SYMBOL_FORMAT; OUT_OF_RANGE"],
    ]


def test_errors_of_the_whole_file_come_last() -> None:
    issue = RowIssue(IssueCode.MISSING_REQUIRED_FIELD, "No total.")

    exported = rejected_csv(["Symbol"], [RejectedRow(2, ("AAPL",))], [issue])

    assert exported.decode("utf-8-sig").splitlines()[-1] == ",,MISSING_REQUIRED_FIELD,No total."
