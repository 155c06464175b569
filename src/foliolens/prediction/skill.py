"""Whether a record of predictions shows skill, or only luck.

Accuracy is compared with the majority class of the very days tested, known only in hindsight, and the Brier
score with their frequency of up: both are harder to beat than anything that could have been known in advance.

The label of a day spans `horizon` days, so neighbouring labels share nearly all of their days: m tested days
hold about m / horizon independent periods, and the interval of the accuracy is Wilson's with that number.
(For the signs of a random walk the variance grows by 0.73 × horizon, the integral of (2/π) arcsin(1 - |x|),
so this errs to the cautious side.)
"""

import math

import numpy as np

from foliolens.prediction.models import Evidence, Interval
from foliolens.prediction.solver import FloatArray

__all__ = ["LEVEL", "evidence", "no_evidence", "untested", "wilson_interval"]

LEVEL = 0.95
_NORMAL_QUANTILE = 1.959963984540054


def wilson_interval(share: float, trials: float) -> Interval:
    """The 95% score interval of a share.

    Args:
        share: Successes by trials.
        trials: Above 0; need not be whole.

    Source: Wilson (1927), Probable inference, the law of succession, and statistical inference.
    """
    z_squared = _NORMAL_QUANTILE**2
    centre = (share + z_squared / (2 * trials)) / (1 + z_squared / trials)
    spread = _NORMAL_QUANTILE / (1 + z_squared / trials)
    spread *= math.sqrt(share * (1 - share) / trials + z_squared / (4 * trials**2))
    return Interval(level=LEVEL, lower=max(0.0, centre - spread), upper=min(1.0, centre + spread))


def evidence(probability_up: FloatArray, outcome: FloatArray, horizon: int) -> Evidence:
    """Judge predictions of days that the model had not seen.

    Args:
        probability_up: As predicted, one a day.
        outcome: 1 for up, 0 otherwise.
        horizon: Trading days that each outcome spans.
    """
    right = (probability_up > 0.5) == (outcome > 0.5)
    accuracy = float(right.mean())
    frequency = float(outcome.mean())
    baseline = max(frequency, 1 - frequency)
    brier = float(np.square(probability_up - outcome).mean())
    baseline_brier = frequency * (1 - frequency)
    independent = len(outcome) / horizon
    interval = wilson_interval(accuracy, independent)
    skill = interval.lower > baseline and brier < baseline_brier
    return Evidence(
        accuracy=accuracy,
        baseline_accuracy=baseline,
        brier_score=brier,
        baseline_brier_score=baseline_brier,
        confidence_interval=interval,
        evaluations=len(outcome),
        independent_evaluations=independent,
        skill=skill,
        explanation=_sentence(accuracy, baseline, interval, len(outcome), skill=skill),
    )


def untested(days: int, needed: int, horizon: int) -> Evidence:
    """The evidence where there are too few days to test anything."""
    return no_evidence(
        f"No skill has been shown: testing a prediction {horizon} days ahead takes {needed} days, here"
        f" are {days}. Take the direction as a coin flip."
    )


def no_evidence(explanation: str) -> Evidence:
    """The evidence of a prediction that was not tested, with the reason in a sentence."""
    return Evidence(
        accuracy=None,
        baseline_accuracy=None,
        brier_score=None,
        baseline_brier_score=None,
        confidence_interval=None,
        evaluations=0,
        independent_evaluations=0.0,
        skill=False,
        explanation=explanation,
    )


def _sentence(accuracy: float, baseline: float, interval: Interval, days: int, *, skill: bool) -> str:
    record = f"right on {accuracy:.0%} of {days} days it had not seen"
    always = f"always naming the more frequent direction would have been right on {baseline:.0%}"
    bounds = f"95% interval {interval.lower:.0%} to {interval.upper:.0%}"
    if skill:
        return (
            f"Skill so far: {record}; {always}. Chance alone does not explain that ({bounds}), which is no"
            " promise that it lasts."
        )
    if accuracy > baseline:
        return f"No skill has been shown: {record}, but {always}, and chance explains the rest ({bounds})."
    return f"No skill has been shown: {record}; {always}."
