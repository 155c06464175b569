"""The original prediction service, bit for bit, with its defects.

For rollback and for comparing traffic. What it computes is not a prediction of anything:

- the feature matrix (8 features × days) is reshaped to (days × 8) instead of transposed, so that nearly every
  row is one feature of eight days;
- the label looks back: day i has class 1 where its close is above the close `horizon` days before it;
- the row it classifies, the newest eight closes, is not standardised although the model was trained on
  standardised rows;
- its score is the accuracy on the training rows.

The model is scikit-learn's `LogisticRegressionCV(cv=8)`: ten penalties from 1e-4 to 1e4, stratified folds,
accuracy, ties to the smaller C, refit on all rows. Where the original crashed, the answer is a 422 with the
reason.
"""

import numpy as np
from numpy.typing import NDArray

from foliolens.errors import Unprocessable
from foliolens.prediction.cross_validation import Problem, alike, cross_validate
from foliolens.prediction.folds import stratified_folds
from foliolens.prediction.models import (
    HORIZONS,
    EngineName,
    HorizonForecast,
    HorizonName,
    MarketDays,
    Sentiment,
)
from foliolens.prediction.skill import no_evidence
from foliolens.prediction.solver import FloatArray

__all__ = ["OriginalEngine"]

_FOLDS = 8
_FEATURES = 8
_PENALTIES = np.logspace(-4, 4, 10)

_EVIDENCE = no_evidence(
    "The original engine tests nothing: its score is the accuracy on the days it was fitted to, and its"
    " class says nothing about the future. Ask the engine calibrated."
)


class OriginalEngine:
    """Answers as the original service did."""

    name: EngineName = "original"

    def forecast(self, market: MarketDays) -> dict[HorizonName, HorizonForecast]:
        """Every horizon's in-sample accuracy and class.

        Raises:
            Unprocessable: The original crashed on such a request.
        """
        rows = _rows(market)
        labels = {name: _labels(market.close, horizon) for name, horizon in HORIZONS.items()}
        for name, known in labels.items():
            _refuse_unfit(known, HORIZONS[name])
        return dict(zip(HORIZONS, _forecasts(rows, list(labels.values())), strict=True))


def _rows(market: MarketDays) -> FloatArray:
    """The feature matrix as the original made it, shape (days, 8), the wrong way round."""
    features = [market.close, market.volume, market.positive, market.negative, *_one_hot(market.sentiment)]
    return np.array(features, dtype=np.float64).reshape(market.days, _FEATURES)


def _one_hot(sentiment: Sentiment) -> list[FloatArray]:
    """A column for each distinct value in sorted order, and columns of zeros up to four."""
    distinct = np.unique(sentiment.values)
    if not 2 <= len(distinct) <= 4:
        raise Unprocessable(
            f"The original engine needs two to four distinct sentiment values, here are {len(distinct)}:"
            " use the engine calibrated."
        )
    columns = [(sentiment.values == value).astype(np.float64) for value in distinct]
    return columns + [np.zeros(len(sentiment.values))] * (4 - len(distinct))


def _labels(close: FloatArray, horizon: int) -> NDArray[np.int64]:
    return (close[:-horizon] > close[horizon:]).astype(np.int64)


def _refuse_unfit(labels: NDArray[np.int64], horizon: int) -> None:
    up = int(labels.sum())
    if max(up, len(labels) - up) < _FOLDS:
        raise Unprocessable(
            f"There are too few days for {horizon} days ahead: the original engine needs {_FOLDS} labels of"
            f" one class, here are {up} up and {len(labels) - up} down."
        )
    if up in (0, len(labels)):
        raise Unprocessable(
            f"Every {horizon}-day change has the same direction: with one class only there is nothing to fit."
        )


def _forecasts(rows: FloatArray, labels: list[NDArray[np.int64]]) -> list[HorizonForecast]:
    learned = [_standardised(rows[: len(known)]) for known in labels]
    kinds = alike(max(learned, key=len))
    problems = [
        Problem(each, known, stratified_folds(known, _FOLDS), kinds[: len(known)])
        for each, known in zip(learned, labels, strict=True)
    ]
    found = cross_validate(problems, _FOLDS, _PENALTIES)
    forecasts = []
    for problem, whole, parts in zip(problems, found.whole, found.parts, strict=True):
        chosen = whole[int(np.argmax(_accuracies(problem, parts)))]
        end = len(problem.labels)
        forecasts.append(
            HorizonForecast(
                horizon_days=len(rows) - end,
                score=int((_classes(problem.rows, chosen) == problem.labels).sum()) / end,
                predicted_class=int(_classes(rows[:1], chosen)[0]),
                probability_up=None,
                evidence=_EVIDENCE,
            )
        )
    return forecasts


def _standardised(rows: FloatArray) -> FloatArray:
    """The rows as scikit-learn's `StandardScaler` returns them.

    A column whose variance cannot be told from rounding is constant; its scale is 1.
    """
    mean = np.ones(len(rows)) @ rows / len(rows)
    centred = rows - mean
    variance = np.einsum("ij,ij->j", centred, centred) / len(rows)
    rounding = np.finfo(np.float64).eps
    constant = variance <= len(rows) * rounding * variance + (len(rows) * mean * rounding) ** 2
    return np.asarray(centred / np.where(constant, 1.0, np.sqrt(variance)))


def _accuracies(problem: Problem, coefficients: FloatArray) -> FloatArray:
    """The accuracies on the rows held out by penalty, summed over the folds, from coefficients by both."""
    sizes = np.bincount(problem.held_out, minlength=_FOLDS)[:, None]
    # Rows by fold, shape (folds, most rows of one); short folds are filled up with rows that do not count.
    place = np.arange(sizes.max())
    fold = np.argsort(problem.held_out, kind="stable")
    fold = fold[np.minimum(np.cumsum(sizes)[:, None] - sizes + place, len(fold) - 1)]
    decisions = (
        coefficients[..., :-1] @ problem.rows.take(fold, axis=0).swapaxes(1, 2) + coefficients[..., -1:]
    )
    right = (decisions > 0) == problem.labels[fold][:, None, :]
    right &= (place < sizes)[:, None, :]
    return np.asarray((right.sum(axis=2) / sizes).sum(axis=0))


def _classes(rows: FloatArray, coefficients: FloatArray) -> NDArray[np.int64]:
    """1 where the decision function is above 0, for one or more sets of coefficients."""
    decision = coefficients[..., :-1] @ rows.T + coefficients[..., -1:]
    return (decision > 0).astype(np.int64)
