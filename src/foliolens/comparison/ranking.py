"""Who is best in what, and which pair adds the least diversification."""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Final, Literal

from foliolens.comparison.overlap import jaccard, overlap
from foliolens.comparison.schemas import BestIn, ComparedPair, ComparedPortfolio, LeastDiversifying
from foliolens.comparison.subjects import Subject
from foliolens.risk.market.models import Figure
from foliolens.risk.wording import listed, percent

__all__ = ["best_in", "least_diversifying", "pairs_of"]

_Better = Literal["higher", "lower"]
_EQUAL: Final = 1e-9

_METRICS: Final[tuple[tuple[str, _Better, Callable[[ComparedPortfolio], float | None]], ...]] = (
    ("overallRiskScore", "lower", lambda p: p.overall_risk_score),
    ("effectiveHoldings", "higher", lambda p: p.effective_holdings),
    ("hhiLookThrough", "lower", lambda p: p.hhi_look_through),
    ("volatility", "lower", lambda p: p.figures.volatility.value),
    ("annualReturn", "higher", lambda p: p.figures.annual_return.value),
    ("maxDrawdown", "higher", lambda p: p.figures.max_drawdown.value),
    ("sharpeRatio", "higher", lambda p: p.figures.sharpe_ratio.value),
    ("sortinoRatio", "higher", lambda p: p.figures.sortino_ratio.value),
    ("valueAtRisk95", "lower", lambda p: p.figures.value_at_risk95.value),
    ("conditionalValueAtRisk95", "lower", lambda p: p.figures.conditional_value_at_risk95.value),
    ("diversificationRatio", "higher", lambda p: p.figures.diversification_ratio.value),
)
"""A drawdown is negative, hence higher is better."""


def best_in(portfolios: Sequence[ComparedPortfolio]) -> tuple[BestIn, ...]:
    """Name the best in every metric; equally good ones together, in their order."""
    return tuple(_best(portfolios, *metric) for metric in _METRICS)


def _best(
    portfolios: Sequence[ComparedPortfolio],
    metric: str,
    better: _Better,
    value_of: Callable[[ComparedPortfolio], float | None],
) -> BestIn:
    known = [(each.id, value) for each in portfolios if (value := value_of(each)) is not None]
    if len(known) < 2:
        reason = "Fewer than two portfolios have a value."
        return BestIn(metric=metric, better=better, portfolio_ids=(), value=None, reason=reason)
    top = (max if better == "higher" else min)(value for _, value in known)
    without = [each.name for each in portfolios if value_of(each) is None]
    return BestIn(
        metric=metric,
        better=better,
        portfolio_ids=tuple(key for key, value in known if math.isclose(value, top, rel_tol=_EQUAL)),
        value=top,
        reason=f"Without a value: {listed(without)}." if without else None,
    )


def pairs_of(
    subjects: Sequence[Subject], correlations: Mapping[tuple[int, int], Figure]
) -> tuple[ComparedPair, ...]:
    """Compare each portfolio with each that comes after it.

    Args:
        subjects: The portfolios.
        correlations: Of the portfolios at two places, the first before the second.
    """
    weights = [subject.weights for subject in subjects]
    return tuple(
        ComparedPair(
            first=subjects[one].id,
            second=subjects[other].id,
            overlap=overlap(weights[one], weights[other]),
            jaccard=jaccard(weights[one], weights[other]),
            correlation=correlations[one, other],
        )
        for one, other in combinations(range(len(subjects)), 2)
    )


def least_diversifying(
    pairs: Sequence[ComparedPair], portfolios: Sequence[ComparedPortfolio]
) -> LeastDiversifying | None:
    """Name the pair that moves most alike; without correlations the one that holds most alike.

    Of equal pairs the one with the larger overlap, then the one that comes first.
    """
    names = {each.id: each.name for each in portfolios}
    known = [(pair, pair.correlation.value) for pair in pairs if pair.correlation.value is not None]
    if known:
        pair, value = max(known, key=lambda each: (each[1], each[0].overlap))
        why = f"move most alike (correlation {value:.2f})"
        return _least(pair, "correlation", value, f"{_both(pair, names)} {why}{_alone(known, pairs)}.")
    pair = max(pairs, key=lambda each: (each.overlap, each.jaccard))
    if not pair.overlap:
        return None
    why = f"have most in common ({percent(pair.overlap)} of the value is held alike)"
    return _least(pair, "overlap", pair.overlap, f"{_both(pair, names)} {why}; prices would tell more.")


def _least(
    pair: ComparedPair, by: Literal["correlation", "overlap"], value: float, explanation: str
) -> LeastDiversifying:
    return LeastDiversifying(
        first=pair.first, second=pair.second, by=by, value=value, explanation=explanation
    )


def _both(pair: ComparedPair, names: dict[str, str]) -> str:
    return f"{names[pair.first]} and {names[pair.second]}"


def _alone(known: Sequence[object], pairs: Sequence[object]) -> str:
    return "" if len(known) == len(pairs) else ", of the pairs whose correlation is known"
