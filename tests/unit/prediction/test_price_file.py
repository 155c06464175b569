"""Price files: as providers write them, and the errors of those that are none."""

from __future__ import annotations

import pytest

from foliolens.prediction.price_file import PriceFileError, read_price_file

HEADER = "date,open,high,low,close,volume,adjClose"


def test_days_come_newest_first_whatever_their_order() -> None:
    lines = [HEADER, "2025-01-02,1,1,1,10,100,5", "2025-01-06,1,1,1,12,300,12", "2025-01-03,1,1,1,11,200,6"]

    market = read_price_file("ABC", lines)

    assert market.close.tolist() == [12, 6, 5]  # adjusted, so that the split is no crash
    assert market.volume.tolist() == [300, 200, 100]
    assert not market.positive.any()


def test_closes_count_where_adjusted_ones_are_incomplete() -> None:
    lines = [HEADER, "2025-01-02,1,1,1,10,100,", "2025-01-03T00:00:00.000Z,1,1,1,11,200,6"]

    assert read_price_file("ABC", lines).close.tolist() == [11, 10]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "no column date"),
        (["Symbol,Shares", "A,1"], "no column date"),
        ([HEADER], "no row"),
        ([HEADER, "02.01.2025,1,1,1,1,1,1"], "Line 2.*no date"),
        ([HEADER, "2025-01-02,1,1,1,n/a,1,1"], "Line 2: close"),
        ([HEADER, "2025-01-02,1,1,1,nan,1,1"], "Line 2: close"),
        ([HEADER, "2025-01-02,1,1,1"], "Line 2: close"),
        ([HEADER, "2025-01-02,1,1,1,0,1,1"], "close is above 0"),
        ([HEADER, "2025-01-02,1,1,1,1,-1,1"], "volume is not negative"),
        ([HEADER, "2025-01-02,1,1,1,1,1,-1"], "adjClose is above 0"),
        ([HEADER, "2025-01-02,1,1,1,1,1,1", "2025-01-02,1,1,1,1,1,1"], "comes twice"),
    ],
)
def test_other_files_are_refused(lines: list[str], message: str) -> None:
    with pytest.raises(PriceFileError, match=message):
        read_price_file("ABC", lines)
