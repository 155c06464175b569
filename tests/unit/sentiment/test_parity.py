"""Our ONNX path gives what transformers' pipeline gives, where that is installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from foliolens.sentiment.installing.exporting import missing_packages

pytestmark = pytest.mark.skipif(
    bool(missing_packages()), reason="needs torch, transformers and onnx (the extra finbert-export)"
)


@pytest.mark.filterwarnings("default")  # what the libraries of the extra warn of is not ours
def test_fp32_gives_the_labels_and_probabilities_of_transformers(tmp_path: Path) -> None:
    from bench.sentiment_parity import compare_with_transformers, forms, random_finbert, sentences  # noqa: PLC0415

    random_finbert(tmp_path, hidden=128, layers=3)

    parities = compare_with_transformers(tmp_path, forms(tmp_path), sentences(1000))

    assert parities["fp32"].equal == parities["fp32"].sentences == 1000
    assert parities["fp32"].largest < 1e-4
    assert parities["int8"].equal >= 900
