"""Judges the held-out texts with an exported model: `python -m embedded_sentiment.evaluate DATA MODEL`.

Uses the engine the product uses, so what is measured is what is shipped: int8, one sentence a call.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from embedded_sentiment.corpus import LABELS, Example, held_out
from foliolens.sentiment.installation import EMBEDDED, read_installation
from foliolens.sentiment.onnx_engine import OnnxEngine


def scores(predicted: Sequence[int], labels: Sequence[int]) -> tuple[float, float]:
    """Accuracy and macro-F1."""
    pairs = list(zip(predicted, labels, strict=True))
    f1 = []
    for label in range(len(LABELS)):
        hits = sum(guess == label == right for guess, right in pairs)
        named = sum(guess == label for guess, _ in pairs)
        there = sum(right == label for _, right in pairs)
        f1.append(2 * hits / (named + there) if named + there else 0.0)
    return sum(guess == right for guess, right in pairs) / len(pairs), sum(f1) / len(f1)


def evaluate(data: Path, model: Path, *, show_errors: bool) -> None:
    """Print accuracy, macro-F1 and the confusion of each held-out set."""
    engine = OnnxEngine(read_installation(EMBEDDED, model))
    for name, examples in held_out(data).items():
        predicted = [
            LABELS.index(item.label.value) for item in engine.judge([each.text for each in examples])
        ]
        accuracy, f1 = scores(predicted, [each.label for each in examples])
        print(f"{name}: {len(examples)} texts, accuracy {accuracy:.3f}, macro-F1 {f1:.3f}")
        for label, word in enumerate(LABELS):
            row = [
                sum(
                    guess == other and each.label == label
                    for guess, each in zip(predicted, examples, strict=True)
                )
                for other in range(len(LABELS))
            ]
            print(f"  {word:9} judged positive {row[0]}, neutral {row[1]}, negative {row[2]}")
        if show_errors:
            _print_errors(examples, predicted)


def _print_errors(examples: list[Example], predicted: list[int]) -> None:
    for each, guess in zip(examples, predicted, strict=True):
        if guess != each.label:
            print(f"    {LABELS[each.label]} judged {LABELS[guess]}: {each.text}")


def main() -> None:
    """Read the arguments and evaluate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder of sentfin-headlines.csv, tfns-valid.csv")
    parser.add_argument("model", type=Path, help="folder with manifest.json")
    parser.add_argument("--errors", action="store_true", help="print what was judged wrong")
    arguments = parser.parse_args()
    evaluate(arguments.data, arguments.model, show_errors=arguments.errors)


if __name__ == "__main__":
    main()
