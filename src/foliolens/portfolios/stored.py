"""Portfolios as other features keep and read them, without the HTTP contract: a worker imports no more."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

from msgspec import Struct

from foliolens.errors import PortfolioNotFound, Unprocessable
from foliolens.holdings.models import Holding
from foliolens.kit.database import Transaction
from foliolens.portfolios import store
from foliolens.portfolios.store import PortfolioFields
from foliolens.ports.clock import Clock
from foliolens.ports.metrics import NO_METRICS, Metrics
from foliolens.risk.estimate import Estimate, estimate

__all__ = ["StoredPortfolio", "StoredPortfolios"]


class StoredPortfolio(Struct, frozen=True):
    """A portfolio: its version, fields and holdings."""

    id: UUID
    version: int
    fields: PortfolioFields
    total: Decimal
    updated_at: datetime
    holdings: tuple[Holding, ...]

    @classmethod
    def of(cls, row: Mapping[str, Any], holdings: Sequence[tuple[UUID, Holding]]) -> Self:
        """The portfolio of a summary and of holdings, as the store reads them."""
        return cls(
            id=row["id"],
            version=row["version"],
            fields=PortfolioFields(**{name: row[name] for name in PortfolioFields.__struct_fields__}),
            total=row["total_value"],
            updated_at=row["updated_at"],
            holdings=tuple(holding for _, holding in holdings),
        )


class StoredPortfolios:
    """Insert, read, lock, replace and delete portfolios; holdings were validated already.

    Args:
        clock: Stamps rows.
        max_portfolios: Most portfolios of one user.
        metrics: Count what was created and deleted.
    """

    def __init__(self, clock: Clock, *, max_portfolios: int, metrics: Metrics = NO_METRICS) -> None:
        self._clock = clock
        self._max_portfolios = max_portfolios
        self._metrics = metrics

    def insert(
        self, transaction: Transaction, user_id: UUID, fields: PortfolioFields, holdings: Sequence[Holding]
    ) -> tuple[UUID, Estimate]:
        """Store a new portfolio; its id, and what is estimated of its risk.

        Raises:
            Unprocessable: The user has as many portfolios as allowed.
        """
        if store.count_portfolios(transaction, user_id) >= self._max_portfolios:
            raise Unprocessable(
                f"You have {self._max_portfolios} portfolios, the most there can be: delete one first."
            )
        estimated = estimate(holdings)
        portfolio_id = store.insert_portfolio(
            transaction, user_id, fields, holdings, risk_score=estimated.score, now=self._clock.now()
        )
        self._metrics.happened("portfolio-created")
        return portfolio_id, estimated

    def read(self, transaction: Transaction, user_id: UUID, portfolio_id: UUID) -> StoredPortfolio:
        """A portfolio as it is stored.

        Raises:
            PortfolioNotFound: The user has no such portfolio.
        """
        row = store.read_portfolio(transaction, user_id, portfolio_id)
        if row is None:
            raise PortfolioNotFound
        return StoredPortfolio.of(row, store.read_holdings(transaction, user_id, portfolio_id))

    def require(self, transaction: Transaction, user_id: UUID, portfolio_id: UUID) -> None:
        """Make sure that the user has a portfolio, and keeps it until the transaction ends.

        Raises:
            PortfolioNotFound: There is none.
        """
        if not store.keep_portfolio(transaction, user_id, portfolio_id):
            raise PortfolioNotFound

    def lock(self, transaction: Transaction, user_id: UUID, portfolio_id: UUID) -> StoredPortfolio:
        """Read a portfolio and keep others from changing it until the transaction ends.

        Raises:
            PortfolioNotFound: The user has no such portfolio.
        """
        row = store.lock_portfolio(transaction, user_id, portfolio_id)
        if row is None:
            raise PortfolioNotFound
        return StoredPortfolio.of(row, store.read_holdings(transaction, user_id, portfolio_id))

    def replace(
        self,
        transaction: Transaction,
        user_id: UUID,
        portfolio_id: UUID,
        fields: PortfolioFields,
        holdings: Sequence[Holding],
    ) -> Estimate:
        """Overwrite a locked portfolio; what is estimated of its risk."""
        estimated = estimate(holdings)
        store.replace_portfolio(
            transaction,
            user_id,
            portfolio_id,
            fields,
            holdings,
            risk_score=estimated.score,
            now=self._clock.now(),
        )
        return estimated

    def delete(self, transaction: Transaction, user_id: UUID, portfolio_id: UUID) -> dict[str, int]:
        """Delete a portfolio with everything that belongs to it; how much of each kind that was.

        Raises:
            PortfolioNotFound: The user has no such portfolio.
        """
        counts = store.delete_portfolio(transaction, user_id, portfolio_id)
        if counts is None:
            raise PortfolioNotFound
        self._metrics.happened("portfolio-deleted")
        return counts
