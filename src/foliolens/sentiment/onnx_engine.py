"""Runs a model with ONNX Runtime and the Rust tokenizers; the same code for both models.

Dynamic int8 quantisation takes its scales from the whole batch, so that a sentence's result would change with
its companions: int8 runs one sentence a call. fp32 runs batches of four sentences of similar length, which
pads little and is fastest on the CPUs measured.
"""

import ctypes
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from foliolens.sentiment.engine import ModelUnusable
from foliolens.sentiment.installation import MODEL_FILE, TOKENIZER_FILE, Installation
from foliolens.sentiment.models import Judgement, Label, ModelIdentity

if TYPE_CHECKING:  # heavy: imported when a model is loaded, not with the module
    import onnxruntime
    import tokenizers
    from numpy.typing import NDArray

__all__ = ["MOST_TOKENS", "OnnxEngine"]

MOST_TOKENS = 512
"""What the models read of one sentence, with the two marks around it."""

_FP32_BATCH = 4
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")


class OnnxEngine:
    """A loaded model.

    Args:
        installation: Which; its files are read now.
        threads: CPU threads one call may use.

    Raises:
        ModelUnusable: The files are not a model this can run.
    """

    def __init__(self, installation: Installation, *, threads: int = 1) -> None:
        self._identity = installation.identity
        self._order = [installation.labels.index(label) for label in Label]
        try:
            self._tokenizer = _tokenizer(installation.path(TOKENIZER_FILE))
            self._session = _session(installation.path(MODEL_FILE), threads)
            _give_back_memory()
            self._inputs = tuple(_INPUTS.index(item.name) for item in self._session.get_inputs())
        except Exception as error:  # the libraries raise bare exceptions of their own
            reason = f"{installation.folder} cannot be loaded ({error})."
            advice = "Run `foliolens models verify`."
            raise ModelUnusable(installation.identity.name, reason, advice) from error
        self._batch = _FP32_BATCH if installation.identity.precision == "fp32" else 1

    @property
    def identity(self) -> ModelIdentity:
        """Which model this is."""
        return self._identity

    def judge(self, sentences: Sequence[str]) -> list[Judgement]:
        """Judge each sentence, in order."""
        encoded = [self._tokenizer.encode(sentence) for sentence in sentences]
        judged: list[Judgement | None] = [None] * len(encoded)
        for places in self._batches([len(item.ids) for item in encoded]):
            probabilities = self._probabilities([encoded[place].ids for place in places])
            for place, row in zip(places, probabilities, strict=True):
                positive, neutral, negative = (float(row[column]) for column in self._order)
                judged[place] = Judgement(positive, neutral, negative, bool(encoded[place].overflowing))
        return [item for item in judged if item is not None]

    def _batches(self, lengths: list[int]) -> Iterator[list[int]]:
        by_length = sorted(range(len(lengths)), key=lengths.__getitem__)
        for start in range(0, len(by_length), self._batch):
            yield by_length[start : start + self._batch]

    def _probabilities(self, token_ids: list[list[int]]) -> "NDArray[np.float64]":
        ids = np.zeros((len(token_ids), max(map(len, token_ids))), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(token_ids):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        given = (ids, mask, np.zeros_like(ids))
        outputs: list[Any] = self._session.run(None, {_INPUTS[at]: given[at] for at in self._inputs})
        return _softmax(np.asarray(outputs[0], dtype=np.float64))


def _softmax(logits: "NDArray[np.float64]") -> "NDArray[np.float64]":
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _tokenizer(file: Path) -> "tokenizers.Tokenizer":
    import tokenizers  # noqa: PLC0415

    tokenizer = tokenizers.Tokenizer.from_file(str(file))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MOST_TOKENS)
    return tokenizer


def _session(file: Path, threads: int) -> "onnxruntime.InferenceSession":
    import onnxruntime  # noqa: PLC0415

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # A spinning thread takes the core another request needs, and a function's CPU quota.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


def _give_back_memory() -> None:
    """Return to the system what loading needed and glibc keeps for later: 75 MB of FinBERT's 260."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:  # other C libraries have none
        trim(0)
