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
from foliolens.prediction.folds import stratified_folds
from foliolens.prediction.models import (
    HORIZONS,
    EngineName,
    Evidence,
    HorizonForecast,
    HorizonName,
    MarketDays,
    Sentiment,
)
from foliolens.prediction.solver import FloatArray, fit

__all__ = ["OriginalEngine"]

_FOLDS = 8
_FEATURES = 8
_PENALTIES = np.logspace(-4, 4, 10)

_EVIDENCE = Evidence(
    accuracy=None,
    baseline_accuracy=None,
    brier_score=None,
    baseline_brier_score=None,
    confidence_interval=None,
    evaluations=0,
    independent_evaluations=0.0,
    skill=False,
    explanation=(
        "The original engine tests nothing: its score is the accuracy on the days it was fitted to, and its"
        " class says nothing about the future. Ask the engine calibrated."
    ),
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
        return {name: _forecast(rows, labels[name], HORIZONS[name]) for name in HORIZONS}


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


def _forecast(rows: FloatArray, labels: NDArray[np.int64], horizon: int) -> HorizonForecast:
    standard = _standardised(rows[: len(labels)])
    held_out = stratified_folds(labels, _FOLDS)
    # One mask a fold and a last one with every row, for the refit; each with every penalty.
    masks = np.ones((_FOLDS + 1, len(labels)))
    masks[held_out, np.arange(len(labels))] = 0.0
    weights = (masks[:, None, :] * _PENALTIES[None, :, None]).reshape(-1, len(labels))
    coefficients = fit(
        standard,
        np.broadcast_to(labels.astype(np.float64), weights.shape),
        weights,
        np.ones((len(weights), _FEATURES)),
    ).reshape(_FOLDS + 1, len(_PENALTIES), _FEATURES + 1)
    best = int(np.argmax(_fold_accuracies(standard, labels, held_out, coefficients[:-1]).sum(axis=0)))
    chosen = coefficients[-1, best]
    right = int((_classes(standard, chosen) == labels).sum())
    return HorizonForecast(
        horizon_days=horizon,
        score=right / len(labels),
        predicted_class=int(_classes(rows[:1], chosen)[0]),
        probability_up=None,
        evidence=_EVIDENCE,
    )


def _standardised(rows: FloatArray) -> FloatArray:
    """Mean 0 and standard deviation 1 by column, as scikit-learn's `StandardScaler`.

    A column whose variance cannot be told from rounding is constant; it is only centred.
    """
    mean, variance = rows.mean(axis=0), rows.var(axis=0)
    rounding = np.finfo(np.float64).eps
    constant = variance <= len(rows) * rounding * variance + (len(rows) * mean * rounding) ** 2
    return np.asarray((rows - mean) / np.where(constant, 1.0, np.sqrt(variance)))


def _fold_accuracies(
    rows: FloatArray, labels: NDArray[np.int64], held_out: NDArray[np.int64], coefficients: FloatArray
) -> FloatArray:
    """Accuracy by fold and penalty on the rows held out, shape (folds, penalties)."""
    accuracies = np.empty(coefficients.shape[:2])
    for fold, candidates in enumerate(coefficients):
        test = held_out == fold
        right = _classes(rows[test], candidates) == labels[test]
        accuracies[fold] = right.sum(axis=1) / right.shape[1]
    return accuracies


def _classes(rows: FloatArray, coefficients: FloatArray) -> NDArray[np.int64]:
    """1 where the decision function is above 0, for one or more sets of coefficients."""
    decision = coefficients[..., :-1] @ rows.T + coefficients[..., -1:]
    return (decision > 0).astype(np.int64)
