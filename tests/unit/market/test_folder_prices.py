"""Prices straight from the files of a folder."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from foliolens.market.folder_prices import FolderPrices
from foliolens.market.price_folder import PriceFolder

FIRST, LAST = date(2026, 2, 26), date(2026, 3, 2)


@pytest.fixture
def prices(tmp_path: Path) -> FolderPrices:
    (tmp_path / "BRK-B.csv").write_text(
        "date,close,adjClose\n2026-03-02,503.5,503.5\n2026-02-27,500,250\n2026-02-26,498,249\n"
    )
    (tmp_path / "BROKEN.csv").write_text("date,close\n2026-03-02,many\n")
    return FolderPrices(PriceFolder(tmp_path))


def test_a_file_is_a_series_under_the_symbol_that_was_asked_for(prices: FolderPrices) -> None:
    series = prices.read(["brk/b"], FIRST, LAST).series["brk/b"]

    assert series.symbol == "brk/b"
    assert series.days.tolist() == [FIRST, date(2026, 2, 27), LAST]
    assert series.adjusted.tolist() == [249.0, 250.0, 503.5]
    assert series.days.dtype == np.dtype("datetime64[D]")
    assert (series.last_close, series.source) == (Decimal("503.5"), "file")


def test_only_the_days_asked_for_are_read(prices: FolderPrices) -> None:
    series = prices.read(["BRK.B"], date(2026, 2, 27), date(2026, 2, 28)).series["BRK.B"]

    assert (series.days.tolist(), series.last_close) == ([date(2026, 2, 27)], 500)


def test_what_is_missing_says_why(prices: FolderPrices) -> None:
    asked = prices.read(["NOFILE", "BROKEN", "CASH", "US0378331005"], FIRST, LAST)
    late = prices.read(["BRK.B"], date(2026, 3, 3), date(2026, 3, 4))

    assert asked.missing == {
        "NOFILE": "NO_PROVIDER",
        "BROKEN": "PROVIDER_ERROR",
        "CASH": "NOT_PRICED",
        "US0378331005": "NOT_PRICED",
    }
    assert late.missing == {"BRK.B": "OUT_OF_RANGE"}
    assert asked.retry_after is None
