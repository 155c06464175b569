"""The honest engine: it is tested the way it would have been used, and says what came of it.

For each horizon h the days are walked forward in blocks. The days of a block are predicted by a model that
was fitted to days whose label was known when the block began (an embargo of h days), and nothing of the block
or of later days reaches it: not the standardisation, which is that of the days it learns from, and not the
strength of the penalty, which is the one with the lowest log-loss on earlier days whose outcome was known by
then. The prediction of the newest day comes from the same procedure, one block further.

All blocks, penalties and horizons share the features of a day, so one call of the solver fits all of them: to
standardise feature j is to penalise its weight with the variance of the days learned from.
"""

import math

import numpy as np
from msgspec import Struct

from foliolens.errors import Unprocessable
from foliolens.prediction.features import features, labels
from foliolens.prediction.folds import Block, walk_forward_blocks
from foliolens.prediction.models import (
    HORIZONS,
    LEAST_DAYS,
    EngineName,
    HorizonForecast,
    HorizonName,
    MarketDays,
)
from foliolens.prediction.skill import evidence, untested
from foliolens.prediction.solver import FloatArray, Rows, fit

__all__ = ["UNTESTED_SCORE", "CalibratedEngine"]

UNTESTED_SCORE = 0.5
"""The score where nothing could be tested: what a coin flip gets."""

_BLOCKS = 8
_FIRST_TRAINING_DAYS = 16
_STRENGTHS = np.logspace(-3, 0, 4)  # C, weakest model first


class CalibratedEngine:
    """Predicts what comes next, and reports how such predictions did out of sample."""

    name: EngineName = "calibrated"

    def forecast(self, market: MarketDays) -> dict[HorizonName, HorizonForecast]:
        """Every horizon's direction, its probability and the evidence.

        Raises:
            Unprocessable: Under 40 days, or every change over every horizon has the same direction.
        """
        if market.days < LEAST_DAYS:
            raise Unprocessable(
                f"There are too few days: at least {LEAST_DAYS} are needed, here are {market.days}."
            )
        walks = {name: _walk(market.close, horizon) for name, horizon in HORIZONS.items()}
        if all(walk.outcome.min() == walk.outcome.max() for walk in walks.values()):
            raise Unprocessable(
                "Every change has the same direction: with one class only there is nothing to learn."
            )
        chances = iter(_chances(features(market), list(walks.values())))
        return {name: _judged(walk, next(chances), market.days) for name, walk in walks.items()}


class _Walk(Struct, frozen=True):
    """One horizon's outcomes and the models that are fitted for it.

    Attributes:
        horizon: Trading days ahead.
        outcome: By day with a known label, oldest first.
        blocks: The days tested, and last the newest day, whose outcome is not known.
    """

    horizon: int
    outcome: FloatArray
    blocks: tuple[Block, ...]

    @property
    def tested(self) -> tuple[Block, ...]:
        return self.blocks[:-1]


def _walk(close: FloatArray, horizon: int) -> _Walk:
    outcome = labels(close, horizon)
    tested = walk_forward_blocks(len(outcome), horizon, least=_FIRST_TRAINING_DAYS, most=_BLOCKS)
    newest = Block(train_end=len(outcome), start=len(close) - 1, end=len(close))
    return _Walk(horizon, outcome, (*tested, newest))


def _chances(rows: FloatArray, walks: list[_Walk]) -> list[FloatArray]:
    """For each walk the probability of up, by strength and day of its blocks; shape (strengths, days)."""
    # In the order of what they learn from, so that the solver can leave the later days out of many at once.
    models = sorted(
        ((number, block) for number, walk in enumerate(walks) for block in walk.blocks),
        key=lambda model: model[1].train_end,
    )
    walk = np.array([number for number, _ in models])
    ends, starts, lengths = np.array(
        [(block.train_end, block.start, block.end - block.start) for _, block in models]
    ).T
    signs = np.zeros((len(walks), len(rows)))
    for number, each in enumerate(walks):
        signs[number, : len(each.outcome)] = 2 * each.outcome - 1
    learned_from = (np.arange(len(rows)) < ends[:, None]).astype(np.float64)
    horizons = np.array([each.horizon for each in walks])[walk]
    # Labels that overlap repeat each other: `horizon` of them weigh as much as one.
    penalties = (horizons[:, None] * _variances(rows, learned_from))[:, None, :] / _STRENGTHS[:, None]
    balances = learned_from * signs[walk]
    coefficients = fit(Rows(rows[None]), learned_from[None], balances[None], penalties)[0]
    balance = balances.sum(axis=1)
    for model in np.flatnonzero(np.abs(balance) == ends):
        coefficients[model, :, -1] = _rule_of_succession(balance[model], horizons[model])
    # Each model's own days, filled up with days that are not taken.
    place = np.arange(lengths.max())
    days = rows.take(np.minimum(starts[:, None] + place, len(rows) - 1), axis=0)
    margins = coefficients[..., :-1] @ days.swapaxes(1, 2) + coefficients[..., -1:]
    chances = 0.5 + 0.5 * np.tanh(0.5 * margins)
    taken = place < lengths[:, None]
    return [chances[walk == number].swapaxes(0, 1)[:, taken[walk == number]] for number in range(len(walks))]


def _variances(rows: FloatArray, learned_from: FloatArray) -> FloatArray:
    """The variance of each feature over the days that each model learns from, shape (models, features).

    A constant feature is collinear with the intercept; any penalty above 0 makes its weight 0.
    """
    days = learned_from.sum(axis=1, keepdims=True)
    squares = learned_from @ rows**2 / days
    variances = squares - (learned_from @ rows / days) ** 2
    constant = variances <= 1e-12 * squares
    return np.where(constant, np.where(squares > 0, squares, 1.0), variances)


def _rule_of_succession(balance: float, horizon: int) -> float:
    """Laplace's log-odds of up, for a model that saw one class only and would be certain of it.

    Args:
        balance: Days with this class, negative for down.
        horizon: So many of them count as one.
    """
    return math.copysign(math.log1p(abs(balance) / horizon), balance)


def _judged(walk: _Walk, chances: FloatArray, days: int) -> HorizonForecast:
    predicted = _followed(walk, chances)
    latest = float(predicted[-1])
    if not walk.tested:
        needed = _FIRST_TRAINING_DAYS + 2 * walk.horizon
        judgement, score = untested(days, needed, walk.horizon), UNTESTED_SCORE
    else:
        first = walk.tested[0].start
        judgement = evidence(predicted[:-1], walk.outcome[first:], walk.horizon)
        score = judgement.accuracy if judgement.accuracy is not None else UNTESTED_SCORE
    return HorizonForecast(
        horizon_days=walk.horizon,
        score=score,
        predicted_class=int(latest > 0.5),
        probability_up=latest,
        evidence=judgement,
    )


def _followed(walk: _Walk, chances: FloatArray) -> FloatArray:
    """The probabilities of the tested days and of the newest, each by the strength chosen at that time."""
    first = walk.blocks[0].start if walk.tested else len(walk.outcome)
    losses = np.zeros(chances.shape)
    losses[:, 1:] = np.cumsum(_log_losses(chances[:, :-1], walk.outcome[first:]), axis=1)
    # Only days before train_end had a known outcome when the block began.
    known = [max(0, block.train_end - first) for block in walk.blocks]
    best = np.repeat(losses[:, known].argmin(axis=0), [block.end - block.start for block in walk.blocks])
    return np.asarray(chances[best, np.arange(len(best))])


def _log_losses(chance: FloatArray, outcome: FloatArray) -> FloatArray:
    """Log-loss by strength and day, in the shape of chance."""
    given = np.where(outcome > 0.5, chance, 1 - chance)
    return np.asarray(-np.log(np.maximum(given, 1e-12)))
