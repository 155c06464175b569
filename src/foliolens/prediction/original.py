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
from foliolens.prediction.cross_validation import cross_validate
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
    """Every horizon's answer.

    The original standardises the rows of each horizon by themselves. Here all horizons share rows that are
    standardised once, so that they are fitted together: to penalise a weight with the variance which a
    horizon's shared rows have is the same.
    """
    mean, scale = _moments(rows)
    shared = (rows - mean) / scale
    values = np.zeros((len(labels), len(rows)))
    held_out = np.full(values.shape, -1)
    ratios = np.ones((len(labels), _FEATURES))
    shifts = np.zeros((len(labels), _FEATURES))
    for number, known in enumerate(labels):
        end = len(known)
        values[number, :end] = known
        held_out[number, :end] = stratified_folds(known, _FOLDS)
        own_mean, own_scale = _moments(rows[:end])
        ratios[number] = np.where(rows[:end].min(axis=0) < rows[:end].max(axis=0), own_scale / scale, 1.0)
        shifts[number] = (own_mean - mean) / scale
    found = cross_validate(shared, values, held_out, ratios**2, _PENALTIES)
    forecasts = []
    for number, known in enumerate(labels):
        end = len(known)
        tests = held_out[number, :end]
        accuracies = _fold_accuracies(shared[:end], known, tests, found.parts[number])
        chosen = found.whole[number, int(np.argmax(accuracies.sum(axis=0)))]
        # As the original has them: for rows standardised by the horizon's own moments.
        own = np.append(chosen[:-1] * ratios[number], chosen[-1] + chosen[:-1] @ shifts[number])
        forecasts.append(
            HorizonForecast(
                horizon_days=len(rows) - end,
                score=int((_classes(shared[:end], chosen) == known).sum()) / end,
                predicted_class=int(_classes(rows[:1], own)[0]),
                probability_up=None,
                evidence=_EVIDENCE,
            )
        )
    return forecasts


def _moments(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation by column, as scikit-learn's `StandardScaler` has them.

    A column whose variance cannot be told from rounding is constant; its scale is 1.
    """
    mean, variance = rows.mean(axis=0), rows.var(axis=0)
    rounding = np.finfo(np.float64).eps
    constant = variance <= len(rows) * rounding * variance + (len(rows) * mean * rounding) ** 2
    return mean, np.where(constant, 1.0, np.sqrt(variance))


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
