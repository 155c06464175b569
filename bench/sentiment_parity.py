"""Our ONNX path against transformers' pipeline on the same weights: labels and probabilities.

The weights are random, in the Hugging Face format and FinBERT's architecture: what is compared is the
arithmetic, which does not know what the weights mean. Needs the extra `finbert-export`.
"""

import json
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Figure
from foliolens.sentiment.installation import TOKENIZER_FILE, embedded_folder
from foliolens.sentiment.installing.exporting import missing_packages, quantise, to_onnx
from foliolens.sentiment.installing.gate import check_sentences
from foliolens.sentiment.installing.placing import Candidate
from foliolens.sentiment.models import Label
from foliolens.sentiment.onnx_engine import OnnxEngine

__all__ = ["ORDER", "Parity", "compare_with_transformers", "forms", "main", "random_finbert", "sentences"]

ORDER = (Label.POSITIVE, Label.NEGATIVE, Label.NEUTRAL)
"""FinBERT's order of labels."""

SENTENCES = 1000


@dataclass(frozen=True, slots=True)
class Parity:
    """How one form of the model compares with transformers.

    Attributes:
        sentences: How many were compared.
        equal: How many got the same label.
        largest: Largest difference of a probability.
    """

    sentences: int
    equal: int
    largest: float


def sentences(count: int = SENTENCES, seed: int = 11) -> list[str]:
    """Distinct sentences of 5 to 60 words: check sentences, alone and joined."""
    chosen = random.Random(seed)
    texts = [check.text for check in check_sentences()]
    made = dict.fromkeys(texts)
    while len(made) < count:
        made[" ".join(chosen.sample(texts, chosen.choice((2, 2, 3, 4))))] = None
    return list(made)[:count]


def random_finbert(folder: Path, *, hidden: int = 768, layers: int = 12, seed: int = 3) -> None:
    """Save a BERT classifier with random weights, FinBERT's size by default, in the Hugging Face format."""
    import torch  # noqa: PLC0415
    from transformers import BertConfig, BertForSequenceClassification  # noqa: PLC0415

    torch.manual_seed(seed)
    vocabulary = json.loads((embedded_folder() / TOKENIZER_FILE).read_text(encoding="utf-8"))["model"][
        "vocab"
    ]
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=hidden // 64,
        intermediate_size=4 * hidden,
        initializer_range=0.05,
        id2label={place: label.value for place, label in enumerate(ORDER)},
        label2id={label.value: place for place, label in enumerate(ORDER)},
    )
    model = BertForSequenceClassification(config).eval()
    # Wide enough that every label occurs.
    torch.nn.init.normal_(model.classifier.weight, std=0.6)
    model.save_pretrained(folder)
    words = sorted(vocabulary, key=vocabulary.__getitem__)
    (folder / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")


def forms(folder: Path) -> dict[str, OnnxEngine]:
    """Export a saved classifier; its fp32 and its int8 form, loaded, on one thread."""
    to_onnx(folder, folder)
    quantise(folder / "fp32.onnx", folder / "int8.onnx", outputs_in_fp32=False)
    made = {}
    for precision in ("fp32", "int8"):
        model = folder / f"{precision}.onnx"
        candidate = Candidate(model, folder / TOKENIZER_FILE, ORDER, precision)
        made[precision] = OnnxEngine(candidate.opened(), threads=1)
    return made


def compare_with_transformers(
    folder: Path, engines: dict[str, OnnxEngine], texts: Sequence[str]
) -> dict[str, Parity]:
    """Judge the sentences with transformers' pipeline and with each form."""
    from transformers import BertForSequenceClassification, BertTokenizerFast, pipeline  # noqa: PLC0415

    judge = pipeline(
        "text-classification",
        model=BertForSequenceClassification.from_pretrained(folder),
        tokenizer=BertTokenizerFast(str(folder / "vocab.txt"), do_lower_case=True),
        top_k=None,
        device="cpu",
    )
    theirs = [{score["label"]: score["score"] for score in scores} for scores in judge(list(texts))]
    parities = {}
    for precision, engine in engines.items():
        ours = engine.judge(texts)
        pairs = list(zip(ours, theirs, strict=True))
        parities[precision] = Parity(
            sentences=len(texts),
            equal=sum(our.label.value == max(their, key=their.__getitem__) for our, their in pairs),
            largest=max(
                abs(our.probability(label) - their[label.value]) for our, their in pairs for label in Label
            ),
        )
    return parities


def main() -> list[Figure]:
    """Compare FinBERT's full size on 1,000 sentences."""
    if missing := missing_packages():
        print(f"nothing to compare with: {', '.join(missing)} not installed", file=sys.stderr)
        return []
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="foliolens-parity-") as name:
        folder = Path(name)
        random_finbert(folder)
        parities = compare_with_transformers(folder, forms(folder), sentences())
    seconds = time.perf_counter() - started
    return [
        Figure(
            f"{precision}: same label, largest difference of a probability",
            f"{parity.equal} of {parity.sentences}, {parity.largest:.1e}",
            f"transformers' pipeline (whole comparison {seconds:.0f} s)",
            "all, 1e-4" if precision == "fp32" else "reported",
        )
        for precision, parity in parities.items()
    ]


if __name__ == "__main__":
    print(*main(), sep="\n")
