"""The engine: right on plain sentences, deterministic, and at ease with hostile text."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foliolens.sentiment.installing.gate import check_sentences
from foliolens.sentiment.installing.placing import Candidate
from foliolens.sentiment.installing.pulling import labels_of
from foliolens.sentiment.models import Label
from foliolens.sentiment.onnx_engine import OnnxEngine
from tests.unit.sentiment.stand_in_hub import STAND_IN


@pytest.mark.parametrize(
    ("sentence", "label"),
    [
        ("Operating profit rose to EUR 13.1 mn from EUR 8.7 mn a year earlier.", Label.POSITIVE),
        ("The net loss narrowed to $2 million from $9 million.", Label.POSITIVE),
        ("The company has won an order worth EUR 40 mn.", Label.POSITIVE),
        ("Operating profit fell to EUR 8.7 mn from EUR 13.1 mn a year earlier.", Label.NEGATIVE),
        ("The company issued a profit warning and will cut 400 jobs.", Label.NEGATIVE),
        ("The annual general meeting will be held in Helsinki on 4 April.", Label.NEUTRAL),
        ("The company employs 1,200 people and is based in Turku.", Label.NEUTRAL),
    ],
)
def test_the_embedded_model_reads_plain_financial_sentences(
    embedded: OnnxEngine, sentence: str, label: Label
) -> None:
    assert embedded.judge([sentence])[0].label is label


def test_the_embedded_model_is_as_accurate_as_its_card_says(embedded: OnnxEngine) -> None:
    checks = check_sentences()

    judged = embedded.judge([check.text for check in checks])

    right = sum(judgement.label is check.label for judgement, check in zip(judged, checks, strict=True))
    assert right / len(checks) >= 0.85


def test_a_sentence_is_judged_the_same_whatever_stands_beside_it(embedded: OnnxEngine) -> None:
    texts = [check.text for check in check_sentences()[:20]]

    together = embedded.judge(texts)

    assert together == [embedded.judge([text])[0] for text in texts]


def test_judgements_come_in_the_order_of_the_sentences(embedded: OnnxEngine) -> None:
    judged = embedded.judge(
        ["Sales fell sharply and the loss widened to EUR 4 mn from 1 mn.", "Profit rose."]
    )

    assert [item.label for item in judged] == [Label.NEGATIVE, Label.POSITIVE]


def test_nothing_to_judge_is_no_error(embedded: OnnxEngine) -> None:
    assert embedded.judge([]) == []


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=300))
def test_any_text_gets_three_probabilities(embedded: OnnxEngine, text: str) -> None:
    judgement = embedded.judge([text.encode("utf-8", "replace").decode()])[0]

    total = judgement.positive + judgement.neutral + judgement.negative
    assert total == pytest.approx(1, abs=1e-9)


def test_a_sentence_longer_than_the_model_reads_is_cut_and_says_so(embedded: OnnxEngine) -> None:
    longest, longer = embedded.judge(["profit " * 510, "profit " * 511])

    assert not longest.truncated
    assert longer.truncated
    assert longer.label is longest.label


def test_fp32_in_batches_agrees_with_one_sentence_at_a_time(tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    model.write_bytes((STAND_IN / "onnx/model.onnx").read_bytes())
    labels = labels_of(STAND_IN / "config.json")
    engine = OnnxEngine(Candidate(model, STAND_IN / "tokenizer.json", labels, "fp32").opened())
    texts = [check.text for check in check_sentences()[:30]]

    for together, text in zip(engine.judge(texts), texts, strict=True):
        alone = engine.judge([text])[0]
        assert together.label is alone.label
        assert together.positive == pytest.approx(alone.positive, abs=1e-6)


def test_importing_the_feature_loads_neither_runtime_nor_model() -> None:
    code = (
        "import sys, foliolens.sentiment.service, foliolens.sentiment.choice, foliolens.cli.main;"
        "print([name for name in ('onnxruntime', 'tokenizers', 'numpy', 'torch') if name in sys.modules])"
    )

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert loaded.stdout.strip() == "[]"
