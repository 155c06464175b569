"""Links below HTTP: a clock that stands still, a real database, and things that happen at the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from psycopg import sql

from foliolens.errors import ShareNotFound
from foliolens.kit.database import Database, Transaction
from foliolens.portfolios.service import PortfolioService
from foliolens.portfolios.store import PortfolioFields
from foliolens.portfolios.stored import StoredPortfolios
from foliolens.risk.market.conventions import Conventions
from foliolens.risk.service import RiskService
from foliolens.sharing import store
from foliolens.sharing.retention import forget_expired_shares
from foliolens.sharing.schemas import ShareRequest
from foliolens.sharing.service import SharingService
from foliolens.sharing.tokens import hash_of, token_from
from foliolens.sharing.viewing import LinkViewer
from tests.clock import SetClock
from tests.no_prices import NoPrices
from tests.unit.risk.cases import holding


class WatchedDatabase(Database):
    """A database where something else may happen right before a user's transaction begins."""

    before_user: Callable[[], None] | None = None

    @contextmanager
    def user(self, user_id: UUID, issued_at: datetime | None = None) -> Iterator[Transaction]:
        happens, self.before_user = self.before_user, None
        if happens:
            happens()
        with super().user(user_id, issued_at) as transaction:
            yield transaction


class Owner:
    """One user with one portfolio, and whoever has a link to it."""

    def __init__(self, database: WatchedDatabase) -> None:
        self.database = database
        self.clock = SetClock()
        risk = RiskService(self.clock, NoPrices(), Conventions(benchmark="SPY"))
        stored = StoredPortfolios(self.clock, max_portfolios=10)
        portfolios = PortfolioService(stored, self.clock, risk, max_holdings=500)
        self.sharing = SharingService(stored, self.clock, max_shares=3)
        self.viewer = LinkViewer(database, portfolios, self.clock)
        self.id = uuid4()
        with database.system() as transaction:
            transaction.execute("INSERT INTO users (id, email) VALUES (%s, 'ada@example.com')", (self.id,))
        with database.user(self.id) as transaction:
            self.portfolio_id, _ = stored.insert(
                transaction, self.id, PortfolioFields("Mine"), [holding("VTI", Decimal(100))]
            )

    def share(self, expires_in: str = "1h") -> tuple[UUID, str]:
        """A new link: its id and its token."""
        body = ShareRequest.model_validate({"expiresIn": expires_in, "permissions": ["analyze"]})
        with self.database.user(self.id) as transaction:
            issued = self.sharing.create(transaction, self.id, self.portfolio_id, body, bytes)
        return issued.share_id, token_from(issued.seed_bytes)

    def views(self) -> list[int]:
        """How often each link that works was opened."""
        with self.database.user(self.id) as transaction:
            listed = self.sharing.shares(transaction, self.id, self.portfolio_id)
        return [share.view_count for share in listed.shares]

    def revoke(self, transaction: Transaction, share_id: UUID) -> None:
        self.sharing.revoke(transaction, self.id, self.portfolio_id, share_id)


@pytest.fixture
def owner(database_url: str) -> Iterator[Owner]:
    database = WatchedDatabase(database_url, pool_size=8)
    database.open()
    yield Owner(database)
    database.close()


def rows(database: Database, table: str) -> int:
    with database.system() as transaction:
        query = sql.SQL("SELECT count(*) AS total FROM {}").format(sql.Identifier(table))
        counted = transaction.execute(query).fetchone()
    assert counted is not None
    return int(counted["total"])


def slot_of(transaction: Transaction) -> int:
    """The row in which this connection counts views."""
    row = transaction.execute("SELECT pg_backend_pid() % 32 AS slot").fetchone()
    assert row is not None
    return int(row["slot"])


class TestExpiry:
    def test_a_link_works_until_the_second_it_ends(self, owner: Owner) -> None:
        _, token = owner.share("1h")

        owner.clock.advance(minutes=59, seconds=59)
        owner.viewer.portfolio(token)
        owner.viewer.risk(token)

        owner.clock.advance(seconds=1)
        for open_link in (owner.viewer.portfolio, owner.viewer.risk):
            with pytest.raises(ShareNotFound):
                open_link(token)

    def test_expired_links_are_removed_with_their_views_and_no_others(self, owner: Owner) -> None:
        _, short = owner.share("1h")
        _, long = owner.share("2h")
        owner.viewer.portfolio(short)
        owner.viewer.portfolio(long)
        owner.clock.advance(hours=1)

        assert forget_expired_shares(owner.database, owner.clock) == 1
        assert forget_expired_shares(owner.database, owner.clock) == 0

        assert (rows(owner.database, "shares"), rows(owner.database, "share_views")) == (1, 1)
        owner.viewer.portfolio(long)

    def test_a_viewed_link_leaves_nothing_when_it_is_taken_back(self, owner: Owner) -> None:
        share_id, token = owner.share()
        owner.viewer.portfolio(token)

        with owner.database.user(owner.id) as transaction:
            owner.revoke(transaction, share_id)

        assert (rows(owner.database, "shares"), rows(owner.database, "share_views")) == (0, 0)


class TestAtTheSameTime:
    def test_a_link_taken_back_while_it_is_opened_leads_nowhere(self, owner: Owner) -> None:
        """The view has found the link, and waits for the one who takes it back to be done."""
        share_id, token = owner.share()

        with ThreadPoolExecutor(1) as pool:
            with owner.database.user(owner.id) as transaction:
                owner.revoke(transaction, share_id)
                opening = pool.submit(owner.viewer.portfolio, token)
                self.wait_for_a_waiting_connection(owner.database)

            with pytest.raises(ShareNotFound):
                opening.result(timeout=30)

    def wait_for_a_waiting_connection(self, database: Database) -> None:
        for _ in range(100_000):
            with database.system() as transaction:
                row = transaction.execute(
                    "SELECT count(*) AS total FROM pg_locks WHERE NOT granted"
                ).fetchone()
            if row and row["total"]:
                return
        raise AssertionError("nobody waits")

    @pytest.mark.parametrize("table", ["portfolios", "users"])
    def test_what_is_deleted_between_finding_and_reading_is_not_there(self, owner: Owner, table: str) -> None:
        _, token = owner.share()

        def delete() -> None:
            with owner.database.system() as transaction:
                transaction.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))

        for open_link in (owner.viewer.portfolio, owner.viewer.risk):
            owner.database.before_user = delete
            with pytest.raises(ShareNotFound):
                open_link(token)

    def test_nobody_waits_for_a_view_that_is_not_counted_yet(self, owner: Owner) -> None:
        _, token = owner.share()
        digest, now = hash_of(token), owner.clock.now()

        with ExitStack() as stack:
            at_once = [stack.enter_context(owner.database.system()) for _ in range(6)]
            # Connections of one slot do wait for each other, so there is one of each.
            viewers = list({slot_of(transaction): transaction for transaction in at_once}.values())
            for transaction in viewers:
                transaction.execute("SET LOCAL lock_timeout = '5s'")
                assert store.open_share(transaction, digest, "view", views=1, now=now)
            assert owner.views() == [0]

        assert len(viewers) > 1
        assert owner.views() == [len(viewers)]

    def test_views_in_one_slot_add_up(self, owner: Owner) -> None:
        _, token = owner.share()
        digest, now = hash_of(token), owner.clock.now()

        with owner.database.system() as transaction:
            for _ in range(3):
                store.open_share(transaction, digest, "view", views=1, now=now)

        assert owner.views() == [3]
        assert rows(owner.database, "share_views") == 1
