"""Markets for the tests: recorded requests, and simulated prices with or without a signal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from foliolens.prediction.models import MarketDays, Sentiment

VECTORS = Path(__file__).parents[2] / "data" / "original-prediction-vectors.json"


def recorded() -> list[dict[str, Any]]:
    """The requests with the original's exact responses."""
    vectors: list[dict[str, Any]] = json.loads(VECTORS.read_text())["vectors"]
    return vectors


def market_of(request: dict[str, Any]) -> MarketDays:
    close, volume, positive, negative, sentiment = (
        np.array(request[name], dtype=np.float64)
        for name in ("close", "volume", "positive", "negative", "sentiment")
    )
    return MarketDays(request["ticker"], close, volume, positive, negative, Sentiment("classes", sentiment))


def simulated(seed: int, days: int, *, news_moves_price: float = 0.0) -> MarketDays:
    """A random walk with random news; the news of a day may move the price of the next."""
    random = np.random.default_rng(seed)
    sentiment = random.choice(4, size=days, p=[0.4, 0.2, 0.2, 0.2]).astype(np.float64)
    positive, negative = (np.where(sentiment > 0, random.integers(0, 14, days), 0) for _ in range(2))
    returns = random.normal(0.0, 0.015, days)
    returns[1:] += news_moves_price * ((sentiment[:-1] == 1).astype(float) - (sentiment[:-1] == 3))
    return MarketDays(
        "SIM",
        close=100 * np.exp(returns.cumsum())[::-1],
        volume=random.integers(10**7, 9 * 10**7, days).astype(np.float64)[::-1],
        positive=positive.astype(np.float64)[::-1],
        negative=negative.astype(np.float64)[::-1],
        sentiment=Sentiment("classes", sentiment[::-1]),
    )
