"""The public labelled texts, and how they are split."""

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

from embedded_sentiment.sentences import without_quotes_and_commas

__all__ = ["LABELS", "Example", "held_out", "read_examples", "training_examples"]

LABELS = ("positive", "neutral", "negative")
PLAIN_FILE = Path(__file__).with_name("plain-sentences.csv")
CHECKS_FILE = Path(__file__).parents[2] / "src/foliolens/sentiment/installing/checks.csv"

_HELD_OUT_OF_TEN = 1


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled text; `label` is an index into `LABELS`."""

    text: str
    label: int


def read_examples(file: Path) -> list[Example]:
    """Read a CSV file with the columns text and label."""
    with file.open(encoding="utf-8", newline="") as opened:
        return [Example(row["text"], LABELS.index(row["label"])) for row in csv.DictReader(opened)]


def training_examples(folder: Path, generated: list[tuple[str, str]]) -> list[Example]:
    """What the model learns from: nine tenths of SEntFiN, the training part of TFNS, generated sentences.

    Every third text is given as the stocks app would send it, without quotes and commas.
    """
    examples = [item for item in read_examples(folder / "sentfin-headlines.csv") if not _is_held_out(item)]
    examples += read_examples(folder / "tfns-train.csv")
    examples += [Example(text, LABELS.index(label)) for text, label in generated]
    return [
        Example(without_quotes_and_commas(item.text), item.label) if number % 3 == 0 else item
        for number, item in enumerate(examples)
    ]


def held_out(folder: Path) -> dict[str, list[Example]]:
    """The texts nothing is trained on, by name."""
    return {
        "TFNS validation": read_examples(folder / "tfns-valid.csv"),
        "SEntFiN held out": [
            item for item in read_examples(folder / "sentfin-headlines.csv") if _is_held_out(item)
        ],
        "check sentences": read_examples(CHECKS_FILE),
        "plain sentences": read_examples(PLAIN_FILE),
    }


def _is_held_out(item: Example) -> bool:
    # By content, so that the split is the same whatever the order of the file.
    return hashlib.sha256(item.text.lower().encode()).digest()[0] % 10 < _HELD_OUT_OF_TEN
