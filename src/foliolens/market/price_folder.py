"""Price files of a folder as a source: `<data>/prices/<TICKER>.csv`, for who has no key of a provider."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from foliolens.market.history import SourceUnavailable, SymbolUnknown
from foliolens.market.price_file import PriceFileError, load_price_file
from foliolens.market.symbols import stored_spelling
from foliolens.ports.prices import DailyPrice

__all__ = ["PriceFolder"]

_TICKER = re.compile(r"[A-Z0-9^][A-Z0-9.^=-]{0,19}", re.ASCII)


class PriceFolder:
    """The folder of price files; a file that was changed counts as new prices.

    Args:
        folder: Where the files are; need not exist.
    """

    name = "file"
    unknown_for = timedelta(minutes=1)

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def file(self, symbol: str) -> Path | None:
        """The file of a symbol, share class after a dot or a dash; a symbol with a slash names none."""
        if not _TICKER.fullmatch(symbol):
            return None
        files = (self.folder / f"{name}.csv" for name in (symbol, symbol.replace(".", "-")))
        return next((file for file in files if file.is_file()), None)

    def offers(self, symbol: str) -> bool:
        """Whether there is a file."""
        return self.file(symbol) is not None

    def newest(self, symbol: str, now: datetime) -> datetime:
        """When the file was last put there or changed, whatever time of change it bears."""
        path = self.file(symbol)
        return now if path is None else datetime.fromtimestamp(path.stat().st_ctime, UTC)

    def fetch(self, symbol: str, start: date | None) -> Sequence[DailyPrice]:
        """The days of a file from `start` on.

        Raises:
            SymbolUnknown: There is no file.
            SourceUnavailable: The file cannot be read; the reason says where and how to mend it.
        """
        path = self.file(symbol)
        if path is None:
            raise SymbolUnknown(symbol)
        try:
            prices = load_price_file(path)
        except (PriceFileError, OSError) as error:
            raise SourceUnavailable(f"{path.name}: {error}", retry_after=60) from error
        return [price for price in prices if start is None or price.day >= start]

    def symbols(self) -> list[str]:
        """The symbols that have a file, in the stored spelling."""
        names = sorted(path.stem for path in self.folder.glob("*.csv"))
        return [stored_spelling(name) for name in names if self.file(name) is not None]
