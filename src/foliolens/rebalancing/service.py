"""Rebalancing on request: from what is held and what its owner wants to a plan in the contract's form."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from foliolens.errors import Unprocessable
from foliolens.holdings.models import Holding
from foliolens.ports.clock import Clock
from foliolens.ports.prices import PriceHistory, PriceReader
from foliolens.rebalancing.methods import Method, method_targets
from foliolens.rebalancing.model_portfolios import Model, model_targets
from foliolens.rebalancing.models import Options
from foliolens.rebalancing.plan import make_plan
from foliolens.rebalancing.recommendations import findings
from foliolens.rebalancing.schemas import RebalanceAdvice, RebalancePlan, RebalanceRequest
from foliolens.rebalancing.targets import Targets, targets_by_key
from foliolens.rebalancing.valuation import value
from foliolens.rebalancing.views import Context, plan_view, recommendation_views
from foliolens.rebalancing.wishes import Wish, named_symbols, read_wish
from foliolens.reference.classification import classify
from foliolens.reference.taxonomy import AssetType
from foliolens.risk.report import DISCLAIMER
from foliolens.risk.service import RiskService

__all__ = ["RebalancingService", "Subject"]


class Subject(Struct, frozen=True):
    """A portfolio, as far as rebalancing needs it.

    Attributes:
        holdings: Of distinct symbols.
        currency: Of the amounts.
        stated_on: The day of the amounts.
        model: The model of the owner's risk profile, if there is one.
    """

    holdings: tuple[Holding, ...]
    currency: str
    stated_on: date
    model: Model | None = None


class RebalancingService:
    """Makes plans and recommendations; changes nothing.

    Args:
        prices: Stored prices.
        clock: Stamps answers.
        risk: Analyses portfolios before and after.
    """

    def __init__(self, prices: PriceReader, clock: Clock, risk: RiskService) -> None:
        self._prices = prices
        self._clock = clock
        self._risk = risk

    def plan(self, subject: Subject, request: RebalanceRequest) -> RebalancePlan:
        """Make a plan.

        Raises:
            ValidationFailed: With every problem of the request at once.
            Unprocessable: There is no such plan.
        """
        new = named_symbols(request, subject.holdings)
        history = self._history([*(holding.symbol for holding in subject.holdings), *new])
        wish = read_wish(request, subject.holdings, frozenset(history.series))
        return self._planned(subject, wish, history)

    def advise(self, subject: Subject) -> RebalanceAdvice:
        """Recommend what to mend, and plan the way to the model of the owner's risk profile."""
        now = self._clock.now()
        recommendations = recommendation_views(findings(subject.holdings, model=subject.model), ())
        if subject.model is None:
            plan, reason = (
                None,
                (
                    "The portfolio has no risk profile, so there is no model to hold it against: set one, "
                    "or send targets."
                ),
            )
        else:
            try:
                history = self._history([holding.symbol for holding in subject.holdings])
                plan, reason = (
                    self._planned(subject, Wish(subject.model, Options(least=100), ()), history),
                    None,
                )
            except Unprocessable as impossible:
                plan, reason = None, impossible.message
        return RebalanceAdvice(
            as_of=now,
            model=None if subject.model is None else subject.model.value,
            plan=plan,
            reason=reason,
            needs_rebalancing=None if plan is None else bool(plan.trades),
            recommendations=recommendations if plan is None else plan.recommendations,
            disclaimer=DISCLAIMER,
        )

    def _planned(self, subject: Subject, wish: Wish, history: PriceHistory) -> RebalancePlan:
        now = self._clock.now()
        valuation = value(
            subject.holdings,
            history,
            currency=subject.currency,
            stated_on=subject.stated_on,
            today=now.date(),
        )
        valuation = replace(valuation, holdings=(*valuation.holdings, *map(_to_buy, wish.new)))
        targets = _targets(wish, valuation.holdings, history)
        plan = make_plan(valuation, targets, wish.options)
        before, after = self._risk.reports([plan.holdings_before(), plan.holdings_after()])
        context = Context(subject.currency, subject.stated_on, now, subject.model, before, after)
        return plan_view(plan, valuation, targets.notes, wish.options, context)

    def _history(self, symbols: Sequence[str]) -> PriceHistory:
        return self._prices.read(sorted(symbols), date.min, self._clock.now().date())


def _targets(wish: Wish, holdings: Sequence[Holding], history: PriceHistory) -> Targets:
    match wish.targets:
        case Model():
            return model_targets(wish.targets, holdings)
        case Method():
            return method_targets(wish.targets, holdings, history, wish.options.most)
        case weights:
            return targets_by_key(weights, holdings)


def _to_buy(symbol: str) -> Holding:
    """Return what is not held yet, as the reference table describes it."""
    known = classify(symbol)
    return Holding(
        symbol=symbol,
        name=known.name,
        type=known.type or AssetType.STOCK,
        category=known.category,
        sector=known.sector,
        region=known.region,
        allocation=Decimal(0),
        amount=Decimal("0.00"),
    )
