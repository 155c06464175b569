"""Which model judges: what the settings ask for, what is installed, and what stands in for it."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from foliolens.errors import ServiceUnavailable
from foliolens.ports.metrics import NO_METRICS, Metrics
from foliolens.sentiment.engine import Engine, ModelUnusable
from foliolens.sentiment.installation import (
    EMBEDDED,
    FINBERT,
    MANIFEST,
    Installation,
    embedded_folder,
    finbert_folder,
    read_installation,
    verify,
)
from foliolens.sentiment.models import ModelInUse, Verdict
from foliolens.settings import SentimentSettings

__all__ = ["ROLLED_OUT", "SENTIMENT", "EngineChoice"]

_log = logging.getLogger(__name__)

SENTIMENT = "sentiment"
"""What the inference process knows `EngineChoice.judge` as."""

ROLLED_OUT = "sentiment-rolled-out"
"""... and that of the model which a share of the articles goes to."""

_Usable = TypeVar("_Usable")


class EngineChoice:
    """The engine of this process, loaded once at its first use.

    Nothing is loaded before, since a supervisor, a worker and most commands never judge a sentence.
    `check` is what tells at start that the model will not load.

    Args:
        settings: Which model, which fallback, how many threads.
        data: The data folder, with the models that were pulled.
        model: The model, where it is another than the settings ask for.
        metrics: Count how long it takes.
        distrustful: Whether files are compared with their hashes before they are loaded, and not their sizes
            alone: for a process that may start long after `check`. FinBERT's take 0.1 s.
    """

    def __init__(
        self,
        settings: SentimentSettings,
        data: Path,
        model: str | None = None,
        metrics: Metrics = NO_METRICS,
        *,
        distrustful: bool = False,
    ) -> None:
        self._settings = settings
        self._metrics = metrics
        self._distrustful = distrustful
        self._model = model or settings.sentiment_model
        self._folders = {EMBEDDED: embedded_folder(), FINBERT: finbert_folder(data)}
        self._lock = threading.Lock()
        self._loaded: tuple[Engine, str | None] | None = None

    @property
    def wanted(self) -> str:
        """The model asked for; without a setting FinBERT where it was pulled, else the embedded one."""
        if self._model is not None:
            return self._model
        return FINBERT if (self._folders[FINBERT] / MANIFEST).is_file() else EMBEDDED

    def installed(self) -> Installation:
        """Look for the model that will be used, without reading it.

        Raises:
            ModelUnusable: It is missing or cut off, and so is the fallback, or there is none.
        """
        return self._first_usable(lambda name: read_installation(name, self._folders[name]))[0]

    def check(self) -> Installation:
        """Read every byte of the model that will be used and compare the hashes.

        Raises:
            ModelUnusable: It is missing or damaged, and so is the fallback, or there is none.
        """

        def checked(name: str) -> Installation:
            installation = read_installation(name, self._folders[name])
            verify(installation)
            return installation

        return self._first_usable(checked)[0]

    def engine(self) -> tuple[Engine, str | None]:
        """The engine, and the name of the model it stands in for, if it does.

        Raises:
            ModelUnusable: Neither the model nor a fallback can be loaded.
        """
        if self._loaded is None:
            with self._lock:
                if self._loaded is None:
                    self._loaded = self._first_usable(self._load)
        return self._loaded

    def judge(self, sentences: Sequence[str]) -> Verdict:
        """Judge sentences for a server, whose clients are told what people at the machine have to mend.

        Raises:
            ServiceUnavailable: Neither the model nor a fallback can be loaded.
        """
        try:
            engine, stands_in_for = self.engine()
        except ModelUnusable as error:
            _log.exception("no sentiment model can be loaded")
            raise ServiceUnavailable("The sentiment model cannot be loaded.", retry_after=60) from error
        started = time.perf_counter()
        judgements = tuple(engine.judge(sentences))
        self._metrics.inferred(engine.identity.name, time.perf_counter() - started)
        return Verdict(ModelInUse(engine.identity, stands_in_for), judgements)

    def _load(self, name: str) -> Engine:
        from foliolens.sentiment.onnx_engine import OnnxEngine  # noqa: PLC0415 - brings numpy

        installation = read_installation(name, self._folders[name])
        if self._distrustful:
            verify(installation)
        return OnnxEngine(installation, threads=self._settings.sentiment_threads)

    def _first_usable(self, attempt: Callable[[str], _Usable]) -> tuple[_Usable, str | None]:
        wanted = self.wanted
        try:
            return attempt(wanted), None
        except ModelUnusable as error:
            fallback = self._settings.sentiment_fallback
            if fallback is None or fallback == wanted:
                raise
            _log.warning("%s %s judges instead", error, fallback)
            return attempt(fallback), wanted
