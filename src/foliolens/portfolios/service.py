"""What can be done with portfolios. Transactions come from the edge and are ended there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from foliolens.errors import Conflict, FieldProblem, PortfolioNotFound, Unprocessable, ValidationFailed
from foliolens.holdings.models import Holding, Issue, Validation
from foliolens.holdings.rules import Rules
from foliolens.holdings.validation import validate
from foliolens.kit.database import Transaction
from foliolens.kit.pagination import Pagination
from foliolens.portfolios import store
from foliolens.portfolios.changes import changes_between
from foliolens.portfolios.drafts import drafts_of
from foliolens.portfolios.schemas import (
    DeletedItems,
    DeletedPortfolio,
    HoldingView,
    PortfolioInput,
    PortfolioList,
    PortfolioSummary,
    PortfolioUpdate,
    PortfolioView,
    SavedPortfolio,
    UpdatedPortfolio,
    ValidationResults,
    WarningView,
)
from foliolens.portfolios.store import PortfolioFields, SortKey
from foliolens.ports.clock import Clock
from foliolens.ports.metrics import NO_METRICS, Metrics
from foliolens.risk.models import RiskReport
from foliolens.risk.service import RiskService

__all__ = ["LoadedPortfolio", "PortfolioService", "StoredPortfolio"]


@dataclass(frozen=True, slots=True)
class StoredPortfolio:
    """A portfolio as other features read it: its version, fields and holdings."""

    id: UUID
    version: int
    fields: PortfolioFields
    total: Decimal
    updated_at: datetime
    holdings: tuple[Holding, ...]


@dataclass(frozen=True, slots=True)
class LoadedPortfolio:
    """A portfolio as it is shown and analysed once its transaction has ended.

    Attributes:
        row: The summary.
        assets: The holdings in their order, each with its id.
    """

    row: dict[str, Any]
    assets: Sequence[tuple[UUID, Holding]]

    @property
    def holdings(self) -> list[Holding]:
        """The holdings in their order."""
        return [holding for _, holding in self.assets]

    def scored(self, report: RiskReport) -> bool:
        """Whether the score of a report is the one that is stored."""
        stored: Decimal | None = self.row["risk_score"]
        return stored is not None and float(stored) == report.overall_risk_score


class PortfolioService:
    """Create, read, update, delete, list and analyse portfolios.

    Args:
        clock: Stamps rows.
        risk: Analyses holdings.
        max_portfolios: Most portfolios of one user.
        max_holdings: Most holdings of one portfolio.
        metrics: Count what was created and deleted.
    """

    def __init__(
        self,
        clock: Clock,
        risk: RiskService,
        *,
        max_portfolios: int,
        max_holdings: int,
        metrics: Metrics = NO_METRICS,
    ) -> None:
        self._clock = clock
        self._risk = risk
        self._max_portfolios = max_portfolios
        self._max_holdings = max_holdings
        self._metrics = metrics

    def page(
        self,
        transaction: Transaction,
        user_id: UUID,
        *,
        sort: SortKey,
        descending: bool,
        limit: int,
        offset: int,
    ) -> PortfolioList:
        """One page of the user's portfolios."""
        rows, total = store.read_page(
            transaction, user_id, sort=sort, descending=descending, limit=limit, offset=offset
        )
        return PortfolioList(
            portfolios=[PortfolioSummary.model_validate(row) for row in rows],
            pagination=Pagination.of(total=total, limit=limit, offset=offset, shown=len(rows)),
        )

    def create(self, transaction: Transaction, user_id: UUID, body: PortfolioInput) -> SavedPortfolio:
        """Validate and store a new portfolio.

        Raises:
            ValidationFailed: With every problem at once.
            Unprocessable: The user has as many portfolios as allowed.
        """
        validation = self._validated(body)
        portfolio_id, report = self.insert(transaction, user_id, _fields(body), validation.holdings)
        row = self._row(transaction, user_id, portfolio_id)
        return SavedPortfolio(**row, validation_results=_results(validation, report))

    def insert(
        self, transaction: Transaction, user_id: UUID, fields: PortfolioFields, holdings: Sequence[Holding]
    ) -> tuple[UUID, RiskReport]:
        """Store a new portfolio of holdings that were validated already; its id and its report.

        Raises:
            Unprocessable: The user has as many portfolios as allowed.
        """
        if store.count_portfolios(transaction, user_id) >= self._max_portfolios:
            raise Unprocessable(
                f"You have {self._max_portfolios} portfolios, the most there can be: delete one first."
            )
        report = self._risk.estimate(holdings)
        portfolio_id = store.insert_portfolio(
            transaction, user_id, fields, holdings, risk_score=report.overall_risk_score, now=report.as_of
        )
        self._metrics.happened("portfolio-created")
        return portfolio_id, report

    def load(self, transaction: Transaction, user_id: UUID, portfolio_id: UUID) -> LoadedPortfolio:
        """Read a portfolio, to be analysed and shown.

        Raises:
            PortfolioNotFound: The user has no such portfolio.
        """
        row = self._row(transaction, user_id, portfolio_id)
        return LoadedPortfolio(row, store.read_holdings(transaction, user_id, portfolio_id))

    def load_counted(self, transaction: Transaction, user_id: UUID, portfolio_id: UUID) -> LoadedPortfolio:
        """Like `load`, counted as an analysis.

        Raises:
            PortfolioNotFound: The user has no such portfolio.
        """
        assets = store.read_holdings(transaction, user_id, portfolio_id)
        # Last, since others who ask for the same report wait for the row from here to the end.
        row = store.record_analysis(transaction, user_id, portfolio_id, self._clock.now())
        if row is None:
            raise PortfolioNotFound
        return LoadedPortfolio(row, assets)

    def report(
        self, portfolio: LoadedPortfolio | StoredPortfolio, benchmark: str | None = None
    ) -> RiskReport:
        """The risk report of a portfolio as of now; not to be asked for inside a transaction."""
        return self._risk.report(portfolio.holdings, benchmark)

    def view(self, loaded: LoadedPortfolio, report: RiskReport) -> PortfolioView:
        """A portfolio with its holdings and its risk report."""
        assets = [_view(key, holding) for key, holding in loaded.assets]
        return PortfolioView(**loaded.row, assets=assets, risk_metrics=report)

    def keep_score(
        self, transaction: Transaction, user_id: UUID, loaded: LoadedPortfolio, score: float
    ) -> None:
        """Store the score of a report made of a portfolio, unless the portfolio has changed since."""
        store.write_score(transaction, user_id, loaded.row["id"], loaded.row["version"], score)

    def update(
        self, transaction: Transaction, user_id: UUID, portfolio_id: UUID, body: PortfolioUpdate
    ) -> UpdatedPortfolio:
        """Replace a whole portfolio, if it is still at the version that was read.

        Raises:
            PortfolioNotFound: The user has no such portfolio.
            Conflict: It changed in the meantime.
            ValidationFailed: With every problem at once.
        """
        before = self.lock(transaction, user_id, portfolio_id)
        if before.version != body.version:
            raise Conflict(
                f"The portfolio is at version {before.version}, your change was made on version"
                f" {body.version}: read it again and repeat the change."
            )
        validation = self._validated(body)
        fields = _fields(body)
        report = self.replace(transaction, user_id, portfolio_id, fields, validation.holdings)
        return UpdatedPortfolio(
            **self._row(transaction, user_id, portfolio_id),
            validation_results=_results(validation, report),
            changes=changes_between(before.fields, before.holdings, fields, validation.holdings),
        )

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
        return _stored(row, store.read_holdings(transaction, user_id, portfolio_id))

    def stored(self, transaction: Transaction, user_id: UUID, portfolio_id: UUID) -> StoredPortfolio:
        """Read a portfolio as it is stored, without analysing it.

        Raises:
            PortfolioNotFound: The user has no such portfolio.
        """
        row = self._row(transaction, user_id, portfolio_id)
        return _stored(row, store.read_holdings(transaction, user_id, portfolio_id))

    def replace(
        self,
        transaction: Transaction,
        user_id: UUID,
        portfolio_id: UUID,
        fields: PortfolioFields,
        holdings: Sequence[Holding],
    ) -> RiskReport:
        """Overwrite a locked portfolio with holdings that were validated already."""
        report = self._risk.estimate(holdings)
        store.replace_portfolio(
            transaction,
            user_id,
            portfolio_id,
            fields,
            holdings,
            risk_score=report.overall_risk_score,
            now=report.as_of,
        )
        return report

    def delete(self, transaction: Transaction, user_id: UUID, portfolio_id: UUID) -> DeletedPortfolio:
        """Delete a portfolio with everything that belongs to it.

        Raises:
            PortfolioNotFound: The user has no such portfolio.
        """
        counts = store.delete_portfolio(transaction, user_id, portfolio_id)
        if counts is None:
            raise PortfolioNotFound
        self._metrics.happened("portfolio-deleted")
        return DeletedPortfolio(id=portfolio_id, deleted_items=DeletedItems(**counts))

    def _row(self, transaction: Transaction, user_id: UUID, portfolio_id: UUID) -> dict[str, Any]:
        row = store.read_portfolio(transaction, user_id, portfolio_id)
        if row is None:
            raise PortfolioNotFound
        return row

    def _validated(self, body: PortfolioInput) -> Validation:
        drafts, problems, faulty = drafts_of(body.assets)
        rules = Rules(max_holdings=self._max_holdings, override_business_rules=body.override_rules)
        validation = validate(drafts, total=body.total_value, rules=rules, faulty=faulty)
        problems += [_problem(issue) for issue in validation.errors]
        if problems:
            first = problems[0]
            more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
            raise ValidationFailed(f"{first['field']}: {first['message']}{more}", details=problems)
        return validation


def _stored(row: dict[str, Any], holdings: Sequence[tuple[UUID, Holding]]) -> StoredPortfolio:
    return StoredPortfolio(
        id=row["id"],
        version=row["version"],
        fields=PortfolioFields(**{name: row[name] for name in PortfolioFields.__slots__}),
        total=row["total_value"],
        updated_at=row["updated_at"],
        holdings=tuple(holding for _, holding in holdings),
    )


def _fields(body: PortfolioInput) -> PortfolioFields:
    return PortfolioFields(
        name=body.name,
        description=body.description,
        currency=body.currency,
        is_public=body.is_public,
        risk_profile=body.risk_profile,
        investment_horizon=body.investment_horizon,
    )


def _problem(issue: Issue) -> FieldProblem:
    place = f"assets.{issue.row}.{issue.field}" if issue.row is not None else issue.field or "assets"
    message = f"{issue.message} {issue.suggestion}" if issue.suggestion else issue.message
    return FieldProblem(field=place, code=issue.code.value, message=message)


def _results(validation: Validation, report: RiskReport) -> ValidationResults:
    return ValidationResults(
        allocation_sum=validation.allocation_sum or Decimal("100.00"),
        dollar_consistency=True,
        diversification_score=report.diversification.composite,
        warnings=[
            WarningView(
                code=issue.code.value,
                message=issue.message,
                field=f"assets.{issue.row}.{issue.field}" if issue.row is not None else issue.field,
                suggestion=issue.suggestion,
            )
            for issue in validation.warnings
        ],
    )


def _view(key: UUID, holding: Holding) -> HoldingView:
    return HoldingView(
        id=key,
        symbol=holding.symbol,
        name=holding.name,
        type=holding.type,
        category=holding.category,
        sector=holding.sector,
        geographic_region=holding.region,
        allocation_percentage=holding.allocation,
        dollar_amount=holding.amount,
        shares=holding.shares,
        avg_purchase_price=holding.avg_price,
        expense_ratio=holding.expense_ratio,
        dividend_yield=holding.dividend_yield,
        risk_rating=holding.risk_rating,
    )
