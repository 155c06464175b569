"""Fetches FinBERT, checked, while the sentiment function's image is built: `bake_model.py FOLDER`."""

import sys
from pathlib import Path

from foliolens.sentiment.installing.hub import Hub
from foliolens.sentiment.installing.pulling import pull
from foliolens.settings import SentimentSettings

if __name__ == "__main__":
    pull(Path(sys.argv[1]), Hub(SentimentSettings.read().model_mirror), lambda *_: None, print)
