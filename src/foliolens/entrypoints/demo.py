"""The sample account of `foliolens serve --demo`: portfolios of companies whose real prices come with it."""

import os
from contextlib import suppress
from datetime import date
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from foliolens.bootstrap import Services, open_services
from foliolens.errors import EmailExists, FolioLensError
from foliolens.market.demo.prices import DEMO_BENCHMARK, DEMO_SOURCE, demo_prices
from foliolens.portfolios.schemas import PortfolioInput
from foliolens.ports.identity import Attributes, MfaChallenge
from foliolens.ports.prices import DailyPrice, PriceStore
from foliolens.settings import Settings

__all__ = ["DEMO_EMAIL", "DEMO_PASSWORD", "DemoRefused", "load_demo", "prefer_demo_benchmark"]

DEMO_EMAIL = "demo@example.com"
DEMO_PASSWORD = "Explore-FolioLens-1"  # noqa: S105 - known to everybody, of an account with nothing private

_ABOUT = (
    "Sample portfolio, valued at the closes of 2022-12-28. Purchase prices are the closes of {bought},"
    " adjusted for splits and dividends since."
)


class DemoRefused(Exception):
    """The demo does not belong here; the message says why."""


class _Sample(Struct, frozen=True):
    """A portfolio of whole shares, all bought on one day.

    Attributes:
        shares: By symbol.
        cash: In dollars.
    """

    name: str
    bought: date
    shares: dict[str, int]
    cash: int = 0


_SAMPLES = (
    _Sample(
        "Growth stocks",
        date(2019, 1, 2),
        {"AAPL": 160, "MSFT": 90, "LLY": 50, "UNH": 35, "HD": 55, "AMD": 210, "JPM": 110, "MTUM": 100},
    ),
    _Sample(
        "Balanced",
        date(2018, 1, 2),
        {
            **{"USMV": 260, "QUAL": 160, "VLUE": 150, "MTUM": 60},
            **{"JNJ": 60, "PG": 65, "KO": 130, "PEP": 50, "WMT": 60, "MRK": 80, "XOM": 70, "JPM": 60},
        },
        cash=15_000,
    ),
    _Sample("Concentrated", date(2020, 3, 23), {"AAPL": 500, "AMD": 300, "RRC": 400}),
)


def prefer_demo_benchmark() -> None:
    """Let figures of this process and those it starts refer to the index, unless a setting names another.

    The usual benchmark is a fund that has no prices here.
    """
    os.environ.setdefault("FOLIOLENS_BENCHMARK", DEMO_BENCHMARK)


def load_demo(settings: Settings, database_url: str) -> None:
    """Put the sample account and its prices there; what is there already stays as it is.

    Raises:
        DemoRefused: Outside local mode, or the database has accounts and the sample is none of them.
    """
    if settings.mode != "local":
        raise DemoRefused("The demo is for one machine: its password is known to everybody.")
    confirming = replace(settings, accounts=replace(settings.accounts, auto_confirm=True))
    with open_services(confirming, database_url) as services:
        with services.access.database.system() as transaction:
            accounts = transaction.execute("SELECT EXISTS (SELECT FROM users) AS any").fetchone()
            ours = transaction.execute(
                "SELECT count(portfolios) AS portfolios FROM users"
                " LEFT JOIN portfolios ON portfolios.user_id = users.id WHERE email = %s GROUP BY users.id",
                (DEMO_EMAIL,),
            ).fetchone()
        if ours is None and accounts is not None and accounts["any"]:
            raise DemoRefused("This database holds accounts, and the demo's is none of them.")
        prices = demo_prices()
        _store_prices(services.price_store, prices)
        if ours is None or ours["portfolios"] == 0:
            _create_portfolios(services, prices)


def _store_prices(store: PriceStore, prices: dict[str, list[DailyPrice]]) -> None:
    states = store.states(list(prices))
    for symbol, days in prices.items():
        if symbol not in states or not states[symbol].version:  # else they are there, or a provider's are
            store.replace(symbol, days, DEMO_SOURCE)


def _create_portfolios(services: Services, prices: dict[str, list[DailyPrice]]) -> None:
    """Sign in, to an account that is made where there is none, and create the portfolios all at once."""
    identity = services.auth.identity
    try:
        with suppress(EmailExists):
            person = Attributes("Demo", "Investor", "individual", "intermediate", "moderate")
            identity.register(DEMO_EMAIL, DEMO_PASSWORD, person)
        signed_in = identity.login(DEMO_EMAIL, DEMO_PASSWORD)
    except FolioLensError:  # somebody changed the password: the account is theirs now
        return
    if isinstance(signed_in, MfaChallenge):
        return
    caller = services.access.caller(signed_in.access_token)
    with caller.transaction() as transaction:
        for sample in _SAMPLES:
            services.portfolios.create(transaction, caller.user_id, _portfolio(sample, prices))


def _portfolio(sample: _Sample, prices: dict[str, list[DailyPrice]]) -> PortfolioInput:
    closes = {symbol: {price.day: price.close for price in days} for symbol, days in prices.items()}
    assets: list[dict[str, object]] = [
        {
            "symbol": symbol,
            "shares": Decimal(shares),
            "dollarAmount": round(shares * prices[symbol][-1].close, 2),
            "avgPurchasePrice": closes[symbol][sample.bought],
        }
        for symbol, shares in sample.shares.items()
    ]
    if sample.cash:
        assets.append({"symbol": "CASH", "dollarAmount": Decimal(sample.cash)})
    return PortfolioInput.model_validate(
        {
            "name": sample.name,
            "description": _ABOUT.format(bought=sample.bought),
            "assets": assets,
            "overrideRules": True,
        }
    )
