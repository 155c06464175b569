"""The sample account: there after one call and after many, and never among the accounts of others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from foliolens.accounts.access import Caller
from foliolens.bootstrap import Services, open_services
from foliolens.entrypoints.demo import DEMO_EMAIL, DEMO_PASSWORD, DemoRefused, load_demo
from foliolens.portfolios.schemas import PortfolioView
from foliolens.ports.identity import Attributes, Tokens
from foliolens.settings import Settings, load_settings
from tests.postgres import cloned_database


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data=tmp_path)


@pytest.fixture(scope="module")
def loaded_url(template_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with cloned_database(template_url) as url:
        load_demo(load_settings(data=tmp_path_factory.mktemp("loaded")), url)
        yield url


@pytest.fixture
def demo_url(loaded_url: str) -> Iterator[str]:
    """A database with the demo in it."""
    with cloned_database(loaded_url) as url:
        yield url


def sign_in(services: Services, password: str = DEMO_PASSWORD) -> Caller:
    tokens = services.auth.identity.login(DEMO_EMAIL, password)
    assert isinstance(tokens, Tokens)
    return services.access.caller(tokens.access_token)


def portfolios(services: Services) -> dict[str, PortfolioView]:
    caller = sign_in(services)
    with caller.transaction() as transaction:
        page = services.portfolios.page(
            transaction, caller.user_id, sort="name", descending=False, limit=50, offset=0
        )
        loaded = [
            services.portfolios.load(transaction, caller.user_id, summary.id) for summary in page.portfolios
        ]
    views = [services.portfolios.view(each, services.portfolios.report(each)) for each in loaded]
    return {view.name: view for view in views}


def test_the_account_has_portfolios_of_priced_symbols(settings: Settings, demo_url: str) -> None:
    with open_services(settings, demo_url) as services:
        shown = portfolios(services)
        assert list(shown) == ["Balanced", "Concentrated", "Growth stocks"]
        held = {asset.symbol for view in shown.values() for asset in view.assets} - {"CASH"}
        history = services.prices.read(sorted(held), date.min, date.max)
    assert history.series.keys() == held
    assert {len(series.days) for series in history.series.values()} == {1258}
    assert history.retry_after is None


def test_amounts_are_shares_at_the_last_close(settings: Settings, demo_url: str) -> None:
    with open_services(settings, demo_url) as services:
        (apple,) = [a for a in portfolios(services)["Concentrated"].assets if a.symbol == "AAPL"]
    assert (apple.shares, apple.dollar_amount) == (500, Decimal("62837.00"))  # at 125.674
    assert apple.avg_purchase_price == Decimal("54.923")


def test_loading_again_changes_nothing(settings: Settings, demo_url: str) -> None:
    with open_services(settings, demo_url) as services:
        before, states = portfolios(services), services.price_store.states(["AAPL", "^GSPC"])

    load_demo(settings, demo_url)

    with open_services(settings, demo_url) as services:
        assert {name: view.id for name, view in portfolios(services).items()} == {
            name: view.id for name, view in before.items()
        }
        assert services.price_store.states(["AAPL", "^GSPC"]) == states


def test_a_start_that_was_interrupted_is_finished(settings: Settings, database_url: str) -> None:
    with open_services(settings, database_url) as services:  # got as far as the account
        services.auth.identity.register(DEMO_EMAIL, DEMO_PASSWORD, Attributes())
        with services.access.database.system() as transaction:
            transaction.execute("UPDATE identity.users SET confirmed_at = now()")

    load_demo(settings, database_url)

    with open_services(settings, database_url) as services:
        assert len(portfolios(services)) == 3


def test_prices_of_a_provider_are_kept(settings: Settings, demo_url: str) -> None:
    with open_services(settings, demo_url) as services:
        days = services.price_store.days("AAPL", date.min, date.max)[:3]
        services.price_store.replace("AAPL", days, "Tiingo")

    load_demo(settings, demo_url)

    with open_services(settings, demo_url) as services:
        assert services.price_store.states(["AAPL"])["AAPL"].source == "Tiingo"
        assert services.price_store.days("AAPL", date.min, date.max) == days


def test_an_account_that_somebody_made_their_own_is_left_alone(settings: Settings, demo_url: str) -> None:
    with open_services(settings, demo_url) as services:
        caller = sign_in(services)
        with caller.transaction() as transaction:
            for name in ("Balanced", "Concentrated", "Growth stocks"):
                transaction.execute("DELETE FROM portfolios WHERE name = %s", (name,))
        with services.access.database.system() as transaction:
            transaction.execute("UPDATE identity.users SET password_hash = 'changed'")

    load_demo(settings, demo_url)

    with open_services(settings, demo_url) as services, services.access.database.system() as transaction:
        assert transaction.execute("SELECT FROM portfolios").fetchall() == []


def test_a_database_with_other_accounts_is_refused_untouched(settings: Settings, database_url: str) -> None:
    with open_services(settings, database_url) as services, services.access.database.system() as transaction:
        transaction.execute("INSERT INTO users (id, email) VALUES (gen_random_uuid(), 'ada@example.com')")

    with pytest.raises(DemoRefused, match="holds accounts"):
        load_demo(settings, database_url)

    with open_services(settings, database_url) as services, services.access.database.system() as transaction:
        assert transaction.execute("SELECT FROM identity.users").fetchall() == []
        assert services.price_store.states(["AAPL"]) == {}


def test_outside_local_mode_it_is_refused(settings: Settings, database_url: str) -> None:
    with pytest.raises(DemoRefused, match="one machine"):
        load_demo(replace(settings, mode="aws"), database_url)
