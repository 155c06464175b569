"""`models pull finbert --export`, where the extra's packages are installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from foliolens.sentiment.installation import finbert_folder, verify
from foliolens.sentiment.installing.exporting import ORIGINAL, export_finbert, missing_packages
from foliolens.sentiment.installing.hub import Hub
from tests.unit.sentiment.stand_in_hub import stand_in_hub

pytestmark = [
    pytest.mark.skipif(
        bool(missing_packages()), reason="needs torch, transformers and onnx (the extra finbert-export)"
    ),
    pytest.mark.filterwarnings("default"),  # what the libraries of the extra warn of is not ours
]


def original(folder: Path) -> dict[str, bytes]:
    """A small BERT in the form the authors published theirs: PyTorch weights and a vocabulary."""
    import torch  # noqa: PLC0415
    from bench.sentiment_parity import random_finbert  # noqa: PLC0415
    from transformers import BertForSequenceClassification  # noqa: PLC0415

    random_finbert(folder, hidden=64, layers=2)
    model = BertForSequenceClassification.from_pretrained(folder)
    torch.save(model.state_dict(), folder / "pytorch_model.bin")
    names = ("config.json", "vocab.txt", "pytorch_model.bin")
    return {f"{ORIGINAL}/{name}": (folder / name).read_bytes() for name in names}


def test_the_original_weights_are_exported_compared_and_installed(tmp_path: Path) -> None:
    source, data = tmp_path / "source", tmp_path / "data"
    with stand_in_hub(original(source)) as hub:
        pulled = export_finbert(data, Hub(hub.url, pause=0.001), lambda *_: None, lambda _: None)

    verify(pulled.installation)
    assert pulled.comparison is not None
    assert pulled.installation.manifest["source"]["repository"] == ORIGINAL
    assert pulled.installation.identity.precision in {"int8", "int8-mixed", "fp32"}
    assert sorted(path.name for path in finbert_folder(data).parent.iterdir()) == [".lock", "finbert"]
