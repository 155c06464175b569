"""Makes the small model the tests' stand-in of the hub serves: FinBERT's architecture, tiny, random weights.

Needs torch, transformers and onnx: `PYTHONPATH=src python tests/data/finbert_stand_in/make.py`.
"""

import csv
import json
import re
from collections import Counter
from pathlib import Path

import torch
from transformers import BertConfig, BertForSequenceClassification

from foliolens.sentiment.installing.exporting import quantise, to_onnx

HERE = Path(__file__).parent
CHECKS = HERE.parents[2] / "src/foliolens/sentiment/installing/checks.csv"
LABELS = {0: "positive", 1: "negative", 2: "neutral"}
SEED = 2


def vocabulary(size: int) -> list[str]:
    """The special tokens, every character, and the most frequent words of the check sentences."""
    with CHECKS.open(encoding="utf-8", newline="") as opened:
        text = " ".join(row["text"].lower() for row in csv.DictReader(opened))
    characters = sorted(set("abcdefghijklmnopqrstuvwxyz0123456789.,%$-?!'\"&()") | set(text) - {" "})
    words = [word for word, _ in Counter(re.findall(r"[a-z]{2,}", text)).most_common()]
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    return [*special, *characters, *(f"##{character}" for character in characters), *words][:size]


def main() -> None:
    """Write the folder as the hub has it."""
    torch.manual_seed(SEED)
    words = vocabulary(700)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        initializer_range=0.2,
        id2label=LABELS,
        label2id={name: place for place, name in LABELS.items()},
    )
    model = BertForSequenceClassification(config).eval()
    torch.nn.init.normal_(model.classifier.weight, std=1.0)
    folder = HERE / "build"
    model.save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    (HERE / "onnx").mkdir(exist_ok=True)
    to_onnx(folder, folder)
    quantise(folder / "fp32.onnx", HERE / "onnx/model_quantized.onnx", outputs_in_fp32=False)
    (folder / "fp32.onnx").replace(HERE / "onnx/model.onnx")
    (folder / "tokenizer.json").replace(HERE / "tokenizer.json")
    (HERE / "config.json").write_text(json.dumps({"id2label": LABELS}) + "\n", encoding="utf-8")
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()


if __name__ == "__main__":
    main()
