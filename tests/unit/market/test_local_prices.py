"""Without a key: files of the data folder first, then what is stored, then why there is nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from foliolens.adapters.local.postgres_prices import PostgresPriceStore
from foliolens.kit.database import Database
from foliolens.market.local_prices import LocalPrices
from foliolens.market.price_folder import PriceFolder
from foliolens.ports.market import ProviderFailed, ProviderPaused
from tests.unit.market.market_edge import history

JANUARY = date(2026, 1, 5)


class Local:
    """The provider, with its folder and its store."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.folder = folder
        self.store = PostgresPriceStore(database)
        advice = "set FOLIOLENS_TIINGO_API_KEY"
        self.provider = LocalPrices(PriceFolder(folder), self.store, self.store.symbols, advice)

    def put(self, name: str, rows: str) -> None:
        (self.folder / f"{name}.csv").write_text(f"date,close\n{rows}")

    def closes(self, ticker: str, start: date | None = date.min, end: date | None = None) -> list[int]:
        return [int(day.close) for day in self.provider.prices(ticker, start, end, 1.0)]


@pytest.fixture
def local(tmp_path: Path, database: Database) -> Local:
    return Local(tmp_path, database)


def test_days_are_those_of_the_file(local: Local) -> None:
    local.put("VTI", "2026-01-05,10\n2026-01-06,11\n2026-01-07,12\n")

    assert local.closes("VTI") == [10, 11, 12]
    assert local.closes("VTI", date(2026, 1, 6), date(2026, 1, 6)) == [11]
    assert local.closes("VTI", None, None) == [12]
    assert local.closes("VTI", None, date(2026, 1, 6)) == [10, 11]
    assert local.provider.prices("VTI", None, None, 1.0)[0].date == "2026-01-07T00:00:00.000Z"


def test_days_that_no_file_has_are_those_stored(local: Local) -> None:
    local.store.replace("AAPL", history(JANUARY, ["20", "21"]), "Sample data")

    assert local.closes("AAPL") == [20, 21]
    local.put("AAPL", "2026-01-05,30\n")
    assert local.closes("AAPL") == [30]


def test_without_either_the_way_out_is_named(local: Local) -> None:
    with pytest.raises(ProviderPaused, match=r"no prices of VTI here.*set FOLIOLENS_TIINGO_API_KEY"):
        local.closes("VTI")


def test_a_broken_file_says_where(local: Local) -> None:
    local.put("VTI", "2026-01-05,ten\n")

    with pytest.raises(ProviderFailed, match=r"VTI\.csv: Line 2: close is 'ten'"):
        local.closes("VTI")


def test_a_description_has_the_name_and_the_first_and_last_day(local: Local) -> None:
    local.put("BRK-B", "2026-01-05,10\n2026-01-07,12\n")
    local.put("OWN", "2026-01-05,10\n")

    told = local.provider.describe("BRK.B", 1.0)
    assert told.name is not None
    assert "Berkshire" in told.name
    assert (told.start_date, told.end_date) == ("2026-01-05", "2026-01-07")
    assert local.provider.describe("OWN", 1.0).name is None


def test_a_search_finds_what_has_prices_by_symbol_or_name(local: Local) -> None:
    local.put("VTI", "2026-01-05,10\n")
    local.put("AAPL", "2026-01-05,10\n")
    local.put("OWN", "2026-01-05,10\n")
    local.store.replace("MSFT", history(JANUARY, ["20"]), "Sample data")
    local.store.replace("AAPL", history(JANUARY, ["20"]), "Sample data")

    def found(query: str) -> list[str]:
        return [match.ticker for match in local.provider.search(query, 1.0)]

    assert found("aapl") == found("APPLE") == ["AAPL"]
    assert found("o") == ["OWN", "MSFT", "VTI"]  # Microsoft and Total; what begins with it comes first
    assert found("nothing of the kind") == []
