"""Price files: as providers write them, and the errors of those that are none."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foliolens.market.price_file import PriceFileError, load_price_file, read_price_file
from foliolens.ports.prices import DailyPrice

HEADER = "date,open,high,low,close,volume,adjClose"


def test_every_column_is_read_exactly() -> None:
    (price,) = read_price_file([HEADER, "2025-01-02,10.1,10.30,9.99,10.20,1234567,5.100000000001"])

    assert price == DailyPrice(
        date(2025, 1, 2),
        Decimal("10.1"),
        Decimal("10.30"),
        Decimal("9.99"),
        Decimal("10.20"),
        Decimal("5.100000000001"),
        1234567,
    )


def test_days_come_oldest_first_whatever_their_order() -> None:
    lines = [HEADER, "2025-01-06,1,1,1,12,3,12", "2025-01-02,1,1,1,10,1,5", "2025-01-03,1,1,1,11,2,6"]

    assert [price.day.day for price in read_price_file(lines)] == [2, 3, 6]


@pytest.mark.parametrize(
    "lines",
    [
        ["Date,Close", "2025-01-02,10.5"],
        ["close, DATE ,note", "10.5,2025-01-02T00:00:00.000Z,hello"],
        ["Date,Open,High,Low,Close,Adj Close,Volume", "2025-01-02,,,,10.5,10.5,"],
        ["date,close,adj_close", "", "2025-01-02,10.5,10.5", ""],
    ],
    ids=["least", "another order", "Yahoo's names", "blank lines"],
)
def test_a_date_and_a_close_are_enough(lines: list[str]) -> None:
    close = Decimal("10.5")
    assert read_price_file(lines) == [DailyPrice(date(2025, 1, 2), None, None, None, close, close, None)]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "no column date"),
        (["Symbol,Shares", "A,1"], "no column date"),
        (["date,adjClose", "2025-01-02,1"], "no column close"),
        (["date,close,Close", "2025-01-02,1,2"], "column Close comes twice"),
        ([HEADER], "no row"),
        ([HEADER, "02.01.2025,1,1,1,1,1,1"], "Line 2: '02.01.2025' is no date"),
        ([HEADER, "2025-02-30,1,1,1,1,1,1"], "Line 2: '2025-02-30' is no date"),
        ([HEADER, "2025-01-02,1,1,1,n/a,1,1"], "Line 2: close is 'n/a'"),
        ([HEADER, "2025-01-02,1,1,1,nan,1,1"], "Line 2: close is 'nan'"),
        ([HEADER, "2025-01-02,1,1,1,1_000,1,1"], "Line 2: close is '1_000'"),
        ([HEADER, '2025-01-02,1,1,1,"1,000",1,1'], "Line 2: close is '1,000'"),
        ([HEADER, "2025-01-02,1,1,1,1e99,1,1"], "Line 2: 2025-01-02: a price is above 0 and below"),
        ([HEADER, "2025-01-02,1,1,1"], "Line 2: close is ''"),
        ([HEADER, "2025-01-02,1,1,1,0,1,1"], "Line 2: 2025-01-02: a price is above 0"),
        ([HEADER, "2025-01-02,0,1,1,1,1,1"], "Line 2: 2025-01-02: a price is above 0"),
        ([HEADER, "2025-01-02,1,1,1,1,-1,1"], "Line 2: 2025-01-02: a volume is not negative"),
        ([HEADER, "2025-01-02,1,1,1,1,1.5,1"], "Line 2: volume is '1.5'"),
        ([HEADER, "2025-01-02,1,1,1,1,1,-1"], "Line 2: 2025-01-02: a price is above 0"),
        ([HEADER, "2025-01-02,1,1,1,10,1,5", "2025-01-03,1,1,1,10,1,"], "Line 3: adjClose is missing"),
        ([HEADER, "2025-01-02,1,1,1,1,1,1", "2025-01-02,1,1,1,1,1,1"], "Line 3: 2025-01-02 comes twice"),
        ([HEADER, "2025-01-02,1,1,1,1,1,1,1"], "Line 2: there are more cells"),
    ],
)
def test_other_files_are_refused(lines: list[str], message: str) -> None:
    with pytest.raises(PriceFileError, match=message):
        read_price_file(lines)


@given(st.text(max_size=300))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    for content in (text, f"{HEADER}\n{text}", f"{HEADER}\n2025-01-02,{text},1,1,1,1,1"):
        try:
            read_price_file(content.splitlines())
        except PriceFileError as error:
            assert str(error)


def test_a_file_is_no_larger_than_it_may_be(tmp_path: Path) -> None:
    path = tmp_path / "BIG.csv"
    path.write_bytes(b"date,close\n" + b"\n" * (16 * 1024 * 1024))

    with pytest.raises(PriceFileError, match="larger than 16 MB"):
        load_price_file(path)


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "A.csv"
    path.write_text("date,close\n2025-01-02,1\n", encoding="utf-16")

    with pytest.raises(PriceFileError, match="not UTF-8"):
        load_price_file(path)


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    path = tmp_path / "A.csv"
    path.write_text("date,close\n2025-01-02,1\n", encoding="utf-8-sig")

    assert len(load_price_file(path)) == 1
