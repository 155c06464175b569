"""What the HTTP contract does with portfolios. Transactions come from the edge and are ended there."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec import Struct

from foliolens.errors import Conflict, FieldProblem, PortfolioNotFound, ValidationFailed
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
from foliolens.portfolios.stored import StoredPortfolio, StoredPortfolios
from foliolens.ports.clock import Clock
from foliolens.risk.estimate import Estimate
from foliolens.risk.models import RiskReport
from foliolens.risk.service import RiskService

__all__ = ["LoadedPortfolio", "PortfolioService"]


class LoadedPortfolio(Struct, frozen=True):
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
        stored: Keeps them.
        clock: Stamps analyses.
        risk: Analyses holdings.
        max_holdings: Most holdings of one portfolio.
    """

    def __init__(
        self, stored: StoredPortfolios, clock: Clock, risk: RiskService, *, max_holdings: int
    ) -> None:
        self.stored = stored
        self._clock = clock
        self._risk = risk
        self._max_holdings = max_holdings

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
        portfolio_id, estimate = self.stored.insert(transaction, user_id, _fields(body), validation.holdings)
        row = self._row(transaction, user_id, portfolio_id)
        return SavedPortfolio(**row, validation_results=_results(validation, estimate))

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
        before = self.stored.lock(transaction, user_id, portfolio_id)
        if before.version != body.version:
            raise Conflict(
                f"The portfolio is at version {before.version}, your change was made on version"
                f" {body.version}: read it again and repeat the change."
            )
        validation = self._validated(body)
        fields = _fields(body)
        estimate = self.stored.replace(transaction, user_id, portfolio_id, fields, validation.holdings)
        return UpdatedPortfolio(
            **self._row(transaction, user_id, portfolio_id),
            validation_results=_results(validation, estimate),
            changes=changes_between(before.fields, before.holdings, fields, validation.holdings),
        )

    def delete(self, transaction: Transaction, user_id: UUID, portfolio_id: UUID) -> DeletedPortfolio:
        """Delete a portfolio with everything that belongs to it.

        Raises:
            PortfolioNotFound: The user has no such portfolio.
        """
        counts = self.stored.delete(transaction, user_id, portfolio_id)
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


def _results(validation: Validation, estimate: Estimate) -> ValidationResults:
    return ValidationResults(
        allocation_sum=validation.allocation_sum or Decimal("100.00"),
        dollar_consistency=True,
        diversification_score=estimate.diversification,
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
