"""Judgements by content: a sentence judged once by a model is not judged again."""

import hashlib
import threading
from collections import OrderedDict

from foliolens.sentiment.models import Judgement, ModelIdentity

__all__ = ["JudgementCache"]


class JudgementCache:
    """The most recently used judgements of this process; safe to use from several threads.

    Keyed by sentence rather than by article: news of a day repeat each other's sentences, and a judgement
    does not depend on the sentences around it.

    Args:
        capacity: Most judgements kept, about 300 bytes each; 0 keeps none.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._entries: OrderedDict[bytes, Judgement] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """How many judgements are kept."""
        return len(self._entries)

    def find(self, model: ModelIdentity, sentence: str) -> Judgement | None:
        """The judgement of a sentence by exactly this model, if it is kept."""
        key = _key(model, sentence)
        with self._lock:
            judgement = self._entries.get(key)
            if judgement is not None:
                self._entries.move_to_end(key)
            return judgement

    def keep(self, model: ModelIdentity, sentence: str, judgement: Judgement) -> None:
        """Keep a judgement; the one used longest ago makes room."""
        key = _key(model, sentence)
        with self._lock:
            self._entries[key] = judgement
            self._entries.move_to_end(key)
            while len(self._entries) > self._capacity:
                self._entries.popitem(last=False)


def _key(model: ModelIdentity, sentence: str) -> bytes:
    # The hash also keeps the news' text out of memory.
    named = f"{model.name}\n{model.version}\n{sentence}"
    return hashlib.blake2b(named.encode(), digest_size=16).digest()
