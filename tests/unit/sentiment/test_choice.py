"""Which model judges, and what happens when it cannot."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from foliolens.errors import ServiceUnavailable
from foliolens.sentiment.choice import EngineChoice
from foliolens.sentiment.engine import ModelUnusable
from foliolens.sentiment.installation import finbert_folder
from foliolens.sentiment.installing.placing import Candidate, place
from foliolens.sentiment.installing.pulling import labels_of
from foliolens.settings import SentimentSettings
from tests.unit.sentiment.stand_in_hub import STAND_IN


def install_finbert(data: Path) -> None:
    # A copy, since installing links files and a test damages one.
    copy = data / "copy"
    shutil.copytree(STAND_IN, copy)
    labels = labels_of(copy / "config.json")
    model = copy / "onnx/model_quantized.onnx"
    place(Candidate(model, copy / "tokenizer.json", labels, "int8"), finbert_folder(data))


def damage_finbert(data: Path) -> None:
    """Change the last byte of its weights, which leaves the size as it was."""
    model = next(finbert_folder(data).glob("*/model.onnx"))
    content = bytearray(model.read_bytes())
    content[-1] ^= 0xFF
    model.write_bytes(bytes(content))


def test_without_finbert_the_embedded_model_judges(tmp_path: Path) -> None:
    engine, stands_in_for = EngineChoice(SentimentSettings(), tmp_path).engine()

    assert (engine.identity.name, stands_in_for) == ("embedded", None)


def test_finbert_judges_where_it_was_pulled(tmp_path: Path) -> None:
    install_finbert(tmp_path)

    engine, _ = EngineChoice(SentimentSettings(), tmp_path).engine()

    assert engine.identity.name == "finbert"


def test_the_setting_decides_where_both_are_there(tmp_path: Path) -> None:
    install_finbert(tmp_path)

    engine, _ = EngineChoice(SentimentSettings(sentiment_model="embedded"), tmp_path).engine()

    assert engine.identity.name == "embedded"


def test_finbert_that_is_asked_for_and_missing_is_an_error_at_start(tmp_path: Path) -> None:
    choice = EngineChoice(SentimentSettings(sentiment_model="finbert"), tmp_path)

    with pytest.raises(ModelUnusable, match="not installed"):
        choice.check()
    with pytest.raises(ModelUnusable, match="not installed"):
        choice.engine()


def test_a_damaged_model_is_an_error_at_start(tmp_path: Path) -> None:
    install_finbert(tmp_path)
    damage_finbert(tmp_path)

    with pytest.raises(ModelUnusable, match="hash differs"):
        EngineChoice(SentimentSettings(), tmp_path).check()


def test_a_model_damaged_after_the_start_is_not_loaded_by_who_distrusts_it(tmp_path: Path) -> None:
    install_finbert(tmp_path)
    settings = SentimentSettings(sentiment_fallback="embedded")
    choice = EngineChoice(settings, tmp_path, distrustful=True)
    choice.check()
    damage_finbert(tmp_path)

    verdict = choice.judge(["Profit rose."])

    assert (verdict.model.identity.name, verdict.model.stands_in_for) == ("embedded", "finbert")
    with pytest.raises(ServiceUnavailable):
        EngineChoice(SentimentSettings(), tmp_path, distrustful=True).judge(["Profit rose."])


def test_the_fallback_judges_and_names_whom_it_stands_in_for(tmp_path: Path) -> None:
    settings = SentimentSettings(sentiment_model="finbert", sentiment_fallback="embedded")
    choice = EngineChoice(settings, tmp_path)

    engine, stands_in_for = choice.engine()

    assert choice.check().identity.name == "embedded"
    assert (engine.identity.name, stands_in_for) == ("embedded", "finbert")


def test_the_model_is_loaded_once(tmp_path: Path) -> None:
    choice = EngineChoice(SentimentSettings(), tmp_path)

    assert choice.engine()[0] is choice.engine()[0]
