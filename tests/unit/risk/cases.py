"""Holdings to analyse: a builder with plain defaults, and strategies for any portfolio at all."""

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import strategies as st

from foliolens.holdings.models import Holding
from foliolens.ports.prices import PriceHistory
from foliolens.reference.taxonomy import AssetType, Category, Region, Sector
from foliolens.risk.models import ComponentScore, RiskReport
from foliolens.risk.positions import Position, positions_of
from foliolens.risk.report import analyze

AS_OF = datetime(2025, 6, 30, 20, 0, tzinfo=UTC)


def holding(
    symbol: str,
    amount: str | int | Decimal,
    *,
    type: AssetType = AssetType.STOCK,  # noqa: A002 - the field's own name
    category: Category | None = Category.US_LARGE_CAP,
    sector: Sector = Sector.INFORMATION_TECHNOLOGY,
    region: Region = Region.US,
    name: str | None = None,
) -> Holding:
    """A holding; without further arguments a large American technology company's stock."""
    return Holding(
        symbol=symbol,
        name=name or f"{symbol} Inc.",
        type=type,
        category=category,
        sector=sector,
        region=region,
        allocation=Decimal(0),
        amount=Decimal(amount),
    )


def fund(
    symbol: str,
    amount: str | int,
    category: Category | None = Category.US_LARGE_CAP,
    *,
    sector: Sector = Sector.DIVERSIFIED,
    region: Region = Region.US,
    name: str = "Acme Portfolio",
) -> Holding:
    """A broad fund that the reference table does not know."""
    return holding(
        symbol, amount, type=AssetType.ETF, category=category, sector=sector, region=region, name=name
    )


def bond(
    symbol: str, amount: str | int, category: Category | None = None, name: str = "Ford 5% 2031"
) -> Holding:
    """An individual bond."""
    return holding(symbol, amount, type=AssetType.BOND, category=category, sector=Sector.BONDS, name=name)


def bond_fund(symbol: str, amount: str | int, category: Category | None) -> Holding:
    """A bond fund that the reference table does not know."""
    return fund(symbol, amount, category, sector=Sector.BONDS)


def cash(amount: str | int | Decimal, symbol: str = "ZZCASH") -> Holding:
    """Money, with nothing said about it but that."""
    return holding(
        symbol,
        amount,
        type=AssetType.CASH,
        category=Category.CASH_EQUIVALENTS,
        sector=Sector.UNKNOWN,
        region=Region.UNKNOWN,
    )


def mystery(symbol: str, amount: str | int) -> Holding:
    """A fund of which only the symbol is known."""
    return holding(
        symbol, amount, type=AssetType.ETF, category=None, sector=Sector.UNKNOWN, region=Region.UNKNOWN
    )


def report(*holdings: Holding, history: PriceHistory | None = None) -> RiskReport:
    """The report of a portfolio, without prices unless some are given."""
    return analyze(holdings, as_of=AS_OF, history=history)


def position(one: Holding) -> Position:
    """The only position of a portfolio of one holding."""
    (only,) = positions_of([one])
    return only


def component(of: RiskReport, name: str) -> ComponentScore:
    """The component of a report by its name."""
    (found,) = (item for item in of.components if item.name == name)
    return found


amounts = st.integers(min_value=1, max_value=10**9).map(lambda cents: Decimal(cents) / 100)

_NAMES = (
    "Acme",
    "Acme Index Fund",
    "World Stock ETF",
    "US Treasury 4% 2030",
    "Private Credit Trust",
    "Bitcoin 2x",
)


def _holdings(symbol: str) -> st.SearchStrategy[Holding]:
    return st.builds(
        Holding,
        symbol=st.just(symbol),
        name=st.sampled_from(_NAMES),
        type=st.sampled_from(AssetType),
        category=st.none() | st.sampled_from(Category),
        sector=st.sampled_from(Sector),
        region=st.sampled_from(Region),
        allocation=st.just(Decimal(0)),
        amount=amounts,
    )


def portfolios(min_size: int = 1) -> st.SearchStrategy[list[Holding]]:
    """Portfolios of one to a dozen holdings of any description, known symbols among them."""
    symbols = st.sampled_from(["AAPL", "VTI", "BND", "GLD", "VT", *(f"ZZ{i}" for i in range(12))])
    return st.lists(symbols, min_size=min_size, max_size=12, unique=True).flatmap(
        lambda chosen: st.tuples(*(_holdings(symbol) for symbol in chosen)).map(list)
    )
