"""Seconds per prediction, beside scikit-learn's LogisticRegressionCV as the original service calls it.

Run with `python -m bench prediction`. All run in this process, with one thread, on the same simulated
requests, alternating; the medians count. The import times are those of fresh processes.
"""

import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegressionCV
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from foliolens.prediction.calibrated import CalibratedEngine
from foliolens.prediction.models import HORIZONS, MarketDays, Sentiment
from foliolens.prediction.original import OriginalEngine

DAYS = (60, 250, 750)
REPEATS = {60: 9, 250: 9, 750: 5}
OURS_A_ROUND = 5
IMPORTS = {
    "scikit-learn": "import sklearn.linear_model",
    "foliolens.prediction.service": "import foliolens.prediction.service",
}


def market(days: int) -> MarketDays:
    """Return a simulated request: a random walk, random volumes and news."""
    random = np.random.default_rng(days)
    sentiment = random.choice(4, size=days, p=[0.4, 0.2, 0.2, 0.2]).astype(float)
    return MarketDays(
        "SIM",
        close=np.round(100 * np.exp(random.normal(0, 0.015, days).cumsum()), 2),
        volume=random.integers(10**7, 9 * 10**7, days).astype(float),
        positive=np.where(sentiment > 0, random.integers(0, 14, days), 0).astype(float),
        negative=np.where(sentiment > 0, random.integers(0, 14, days), 0).astype(float),
        sentiment=Sentiment("classes", sentiment),
    )


def with_scikit_learn(request: MarketDays) -> dict[str, str]:
    """Answer as the original service does, without pandas."""
    values: NDArray[np.float64] = np.asarray(request.sentiment.values, dtype=float)
    columns = [(values == kind).astype(float) for kind in range(4)]
    features = np.array([request.close, request.volume, request.positive, request.negative, *columns])
    rows = features.reshape(request.days, 8)
    answer = {}
    for name, horizon in HORIZONS.items():
        labels = (request.close[:-horizon] > request.close[horizon:]).astype(int)
        learned = StandardScaler().fit_transform(rows[:-horizon])
        model = LogisticRegressionCV(cv=8, random_state=0).fit(learned, labels)
        answer[name] = f"{model.score(learned, labels)!s} {model.predict(rows[:1])[0]}"
    return answer


def seconds(job: Callable[[], object], times: int = 1) -> float:
    """The mean seconds of a few calls."""
    start = time.perf_counter()
    for _ in range(times):
        job()
    return (time.perf_counter() - start) / times


def import_seconds(statement: str) -> float:
    """The median seconds of a fresh interpreter with the import, less those of one without."""
    runs: dict[str, list[float]] = {"pass": [], statement: []}
    for _ in range(5):
        for code, taken in runs.items():
            taken.append(seconds(lambda code=code: subprocess.run([sys.executable, "-c", code], check=True)))
    return statistics.median(runs[statement]) - statistics.median(runs["pass"])


def compare(days: int) -> None:
    """Print a line for one number of days."""
    request = market(days)
    original, calibrated = OriginalEngine(), CalibratedEngine()
    expected = with_scikit_learn(request)
    same = {name: each.as_text() for name, each in original.forecast(request).items()} == expected
    calibrated.forecast(request)
    theirs, ours, honest = [], [], []
    for _ in range(REPEATS[days]):
        theirs.append(seconds(lambda: with_scikit_learn(request)))
        ours.append(seconds(lambda: original.forecast(request), OURS_A_ROUND))
        honest.append(seconds(lambda: calibrated.forecast(request), OURS_A_ROUND))
    peer, first, second = (statistics.median(taken) for taken in (theirs, ours, honest))
    print(
        f"{days:4} days   scikit-learn {peer * 1e3:6.1f} ms"
        f"   original {first * 1e3:6.2f} ms ({peer / first:4.0f}x, {'same' if same else 'other'} strings)"
        f"   calibrated {second * 1e3:6.2f} ms ({peer / second:4.0f}x)"
    )


def main() -> None:
    """Measure everything and print it."""
    warnings.simplefilter("ignore")  # scikit-learn announces changes of future versions on every call
    with threadpool_limits(limits=1):  # so that the ratio is one of work and not of threads
        for days in DAYS:
            compare(days)
    for name, statement in IMPORTS.items():
        print(f"import {name}: {import_seconds(statement):.2f} s")


if __name__ == "__main__":
    main()
