"""Pulling FinBERT from a stand-in of the hub, in fair weather and foul."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from foliolens.sentiment.choice import EngineChoice
from foliolens.sentiment.engine import ModelUnusable
from foliolens.sentiment.installation import (
    FINBERT,
    MANIFEST,
    MODEL_FILE,
    embedded_folder,
    finbert_folder,
    read_installation,
    verify,
)
from foliolens.sentiment.installing import layout
from foliolens.sentiment.installing.gate import check_sentences
from foliolens.sentiment.installing.hub import Hub, HubProblem
from foliolens.sentiment.installing.placing import Candidate
from foliolens.sentiment.installing.pulling import Pulled, alone, labels_of, pull
from foliolens.sentiment.onnx_engine import OnnxEngine
from foliolens.settings import SentimentSettings
from tests.unit.sentiment.stand_in_hub import STAND_IN, StandInHub

INT8 = "Xenova/finbert/onnx/model_quantized.onnx"
FP32 = "Xenova/finbert/onnx/model.onnx"
TOKENIZER = "Xenova/finbert/tokenizer.json"
CONFIG = "Xenova/finbert/config.json"


@pytest.fixture
def pulled_from(tmp_path: Path) -> Callable[[StandInHub], Pulled]:
    def run(hub: StandInHub) -> Pulled:
        return pull(tmp_path, Hub(hub.url, pause=0.001), lambda *_: None, lambda _: None)

    return run


def nothing_is_installed(data: Path) -> bool:
    return not finbert_folder(data).exists()


def test_what_the_hub_has_is_installed_and_judges(
    hub: StandInHub, tmp_path: Path, pulled_from: Callable[[StandInHub], Pulled]
) -> None:
    pulled = pulled_from(hub)

    verify(pulled.installation)
    engine, _ = EngineChoice(SentimentSettings(), tmp_path).engine()
    assert engine.identity == pulled.installation.identity
    assert engine.identity.name == FINBERT
    assert [label.value for label in pulled.installation.labels] == ["positive", "negative", "neutral"]


def test_int8_is_installed_where_it_judges_like_fp32(
    hub: StandInHub, pulled_from: Callable[[StandInHub], Pulled]
) -> None:
    pulled = pulled_from(hub)

    assert pulled.comparison is not None
    assert pulled.comparison.passed
    assert pulled.installation.identity.precision == "int8"
    assert pulled.installation.manifest["comparison"]["sentences"] > 100


def test_fp32_is_installed_where_int8_judges_otherwise(
    hub: StandInHub, pulled_from: Callable[[StandInHub], Pulled]
) -> None:
    hub.files[INT8] = (embedded_folder() / MODEL_FILE).read_bytes()  # a model all of its own

    pulled = pulled_from(hub)

    assert pulled.comparison is not None
    assert not pulled.comparison.passed
    assert pulled.installation.identity.precision == "fp32"


def test_nothing_but_the_chosen_model_stays_on_the_disk(
    hub: StandInHub, tmp_path: Path, pulled_from: Callable[[StandInHub], Pulled]
) -> None:
    installation = pulled_from(hub).installation

    files = {
        path.relative_to(tmp_path / "models").as_posix() for path in tmp_path.rglob("*") if path.is_file()
    }
    version = installation.identity.version
    assert files == {
        ".lock",
        "finbert/manifest.json",
        f"finbert/{version}/model.data",
        f"finbert/{version}/model.onnx",
        f"finbert/{version}/tokenizer.json",
    }


def test_the_installed_form_judges_as_the_published_file_to_the_last_digit(
    hub: StandInHub, pulled_from: Callable[[StandInHub], Pulled], tmp_path: Path
) -> None:
    published = tmp_path / "published.onnx"
    published.write_bytes(hub.files[INT8])
    labels = labels_of(STAND_IN / "config.json")
    texts = [check.text for check in check_sentences()]

    installed = OnnxEngine(pulled_from(hub).installation).judge(texts)

    as_published = Candidate(published, STAND_IN / "tokenizer.json", labels, "int8").opened()
    assert installed == OnnxEngine(as_published).judge(texts)


def test_a_model_installed_in_one_file_is_still_read(tmp_path: Path) -> None:
    labels = labels_of(STAND_IN / "config.json")
    model = tmp_path / "model_quantized.onnx"
    model.write_bytes((STAND_IN / "onnx/model_quantized.onnx").read_bytes())

    installation = Candidate(model, STAND_IN / "tokenizer.json", labels, "int8").opened()

    verify(installation)
    assert {Path(file.name).name for file in installation.files} == {"model.onnx", "tokenizer.json"}
    assert len(OnnxEngine(installation).judge(["Profit rose."])) == 1


def test_weights_that_were_not_written_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = layout._session

    def losing(model: Path, written_to: Path | None = None) -> object:
        session = whole(model, written_to)
        if written_to is not None:
            weights = written_to / "model.data"
            weights.write_bytes(bytes(weights.stat().st_size))  # a full disk leaves zeros behind
        return session

    monkeypatch.setattr(layout, "_session", losing)

    with pytest.raises(ModelUnusable, match="not written completely"):
        layout.write_apart(STAND_IN / "onnx/model.onnx", tmp_path)


def test_a_second_pull_downloads_nothing(
    hub: StandInHub, pulled_from: Callable[[StandInHub], Pulled]
) -> None:
    first = pulled_from(hub)
    hub.ranges.clear()

    second = pulled_from(hub)

    assert second.comparison is None
    assert second.installation == first.installation
    assert hub.ranges == {}


def test_a_new_version_replaces_the_old_one(
    hub: StandInHub, tmp_path: Path, pulled_from: Callable[[StandInHub], Pulled]
) -> None:
    pulled_from(hub)
    hub.files[INT8] = (
        hub.files[INT8] + b"\x72\x00"
    )  # an empty field of the format: other bytes, the same model

    newer = pulled_from(hub).installation

    assert [path.name for path in finbert_folder(tmp_path).iterdir() if path.is_dir()] == [
        newer.identity.version
    ]
    verify(newer)


def test_a_connection_that_is_cut_again_and_again_is_resumed_where_it_broke(
    hub: StandInHub, pulled_from: Callable[[StandInHub], Pulled]
) -> None:
    hub.cut_after[FP32] = [20_000] * 12

    pulled = pulled_from(hub)

    verify(pulled.installation)
    assert hub.ranges[FP32][:3] == [None, "bytes=20000-", "bytes=40000-"]


def test_an_interrupted_pull_goes_on_in_the_next_run(
    hub: StandInHub, tmp_path: Path, pulled_from: Callable[[StandInHub], Pulled]
) -> None:
    hub.cut_after[INT8] = [50_000]

    def stop_after_a_while(path: str, done: int, total: int) -> None:
        if path.endswith("quantized.onnx") and done >= 50_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull(tmp_path, Hub(hub.url, pause=0.001), stop_after_a_while, lambda _: None)
    assert nothing_is_installed(tmp_path)
    hub.ranges.clear()

    pulled_from(hub)

    assert hub.ranges[INT8] == ["bytes=50000-"]
    assert CONFIG not in hub.ranges


def test_a_hub_that_sends_no_parts_sends_the_whole_again(
    hub: StandInHub, pulled_from: Callable[[StandInHub], Pulled]
) -> None:
    hub.honour_range = False
    hub.cut_after[INT8] = [50_000]

    verify(pulled_from(hub).installation)


def test_a_file_with_another_hash_is_refused_and_deleted(
    hub: StandInHub, tmp_path: Path, pulled_from: Callable[[StandInHub], Pulled]
) -> None:
    hub.wrong[INT8] = hub.files[INT8][:-1] + b"\x00"

    with pytest.raises(HubProblem, match="another hash"):
        pulled_from(hub)

    assert nothing_is_installed(tmp_path)
    assert not list(tmp_path.rglob("*model_quantized*"))


def test_a_small_file_with_another_hash_is_refused_too(
    hub: StandInHub, tmp_path: Path, pulled_from: Callable[[StandInHub], Pulled]
) -> None:
    hub.wrong[TOKENIZER] = hub.files[TOKENIZER].replace(b"a", b"b")

    with pytest.raises(HubProblem, match="another hash"):
        pulled_from(hub)

    assert nothing_is_installed(tmp_path)


def test_a_mirror_without_hash_headers_is_asked_for_its_pointer_files(
    hub: StandInHub, pulled_from: Callable[[StandInHub], Pulled]
) -> None:
    hub.tell_hash = False

    verify(pulled_from(hub).installation)


def test_a_mirror_that_publishes_no_hash_is_refused(
    hub: StandInHub, tmp_path: Path, pulled_from: Callable[[StandInHub], Pulled]
) -> None:
    hub.tell_hash = hub.pointers = False

    with pytest.raises(HubProblem, match="publishes no hash"):
        pulled_from(hub)

    assert nothing_is_installed(tmp_path)


def test_a_file_the_hub_does_not_have_is_told_at_once(
    hub: StandInHub, tmp_path: Path, pulled_from: Callable[[StandInHub], Pulled]
) -> None:
    del hub.files[INT8]

    with pytest.raises(HubProblem, match="answers 404"):
        pulled_from(hub)

    assert nothing_is_installed(tmp_path)
    assert hub.ranges == {}


def test_a_server_error_that_passes_is_waited_out(
    hub: StandInHub, pulled_from: Callable[[StandInHub], Pulled]
) -> None:
    hub.failures = {CONFIG: [500, 503], INT8: [429, 502]}

    verify(pulled_from(hub).installation)


def test_a_server_error_that_stays_is_told(
    hub: StandInHub, tmp_path: Path, pulled_from: Callable[[StandInHub], Pulled]
) -> None:
    hub.failures = {CONFIG: [500] * 20}

    with pytest.raises(HubProblem, match="answers 500"):
        pulled_from(hub)

    assert nothing_is_installed(tmp_path)


def test_without_a_network_there_is_one_clear_message(tmp_path: Path) -> None:
    with pytest.raises(HubProblem, match="cannot be reached"):
        pull(tmp_path, Hub("http://127.0.0.1:9"), lambda *_: None, lambda _: None)


def test_a_failed_pull_leaves_the_installed_model_alone(
    hub: StandInHub, tmp_path: Path, pulled_from: Callable[[StandInHub], Pulled]
) -> None:
    before = pulled_from(hub).installation
    hub.files[FP32] += b"\x72\x00"
    hub.wrong[FP32] = b"x" * len(hub.files[FP32])

    with pytest.raises(HubProblem, match="another hash"):
        pulled_from(hub)

    assert read_installation(FINBERT, finbert_folder(tmp_path)) == before
    verify(before)


def test_a_hub_with_another_kind_of_model_is_refused(
    hub: StandInHub, tmp_path: Path, pulled_from: Callable[[StandInHub], Pulled]
) -> None:
    hub.files[CONFIG] = json.dumps({"id2label": {"0": "LABEL_0", "1": "LABEL_1"}}).encode()

    with pytest.raises(ModelUnusable, match="other labels"):
        pulled_from(hub)

    assert nothing_is_installed(tmp_path)


def test_a_file_that_is_no_model_is_refused(
    hub: StandInHub, tmp_path: Path, pulled_from: Callable[[StandInHub], Pulled]
) -> None:
    hub.files[INT8] = b"no model at all"

    with pytest.raises(ModelUnusable, match="cannot be loaded"):
        pulled_from(hub)

    assert nothing_is_installed(tmp_path)


def test_two_pulls_at_once_do_not_mix(
    hub: StandInHub, tmp_path: Path, pulled_from: Callable[[StandInHub], Pulled]
) -> None:
    with alone(tmp_path), pytest.raises(HubProblem, match="is running"):
        pulled_from(hub)


def test_the_manifest_says_where_the_model_came_from(
    hub: StandInHub, tmp_path: Path, pulled_from: Callable[[StandInHub], Pulled]
) -> None:
    pulled_from(hub)

    source = json.loads((finbert_folder(tmp_path) / MANIFEST).read_text())["source"]
    assert source["repository"] == "Xenova/finbert"
    assert len(source["files"]["onnx/model.onnx"]) == 64
    assert STAND_IN.name not in json.dumps(source)
