"""`foliolens sentiment` and `foliolens models`, run as a user runs them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from foliolens.sentiment.installing.exporting import missing_packages
from tests.unit.sentiment.stand_in_hub import StandInHub


def run(*arguments: str, data: Path, given: bytes = b"", **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FOLIOLENS_")}
    environment |= {f"FOLIOLENS_{name.upper()}": value for name, value in settings.items()}
    finished = subprocess.run(
        [sys.executable, "-m", "foliolens.cli.main", *arguments, "--data", str(data)],
        input=given,
        capture_output=True,
        env=environment,
        cwd=data,
        check=False,
    )
    return subprocess.CompletedProcess(
        finished.args, finished.returncode, finished.stdout.decode(), finished.stderr.decode()
    )


def test_a_text_is_judged_sentence_by_sentence(tmp_path: Path) -> None:
    answer = run("sentiment", "Profit rose 12%. Sales fell sharply.", data=tmp_path)

    assert answer.returncode == 0, answer.stderr
    assert "Profit rose 12%." in answer.stdout
    assert "1 positive, 0 neutral, 1 negative" in answer.stdout
    assert "embedded int8" in answer.stdout


def test_standard_input_and_json(tmp_path: Path) -> None:
    article = b"Profit rose 12%. Sales fell." + b" \xff"

    answer = run("sentiment", "-", "--json", data=tmp_path, given=article)

    result = json.loads(answer.stdout)
    assert list(result)[:4] == ["positive", "neutral", "negative", "hash"]
    assert result["positive"][0] == 1
    assert [sentence["text"] for sentence in result["sentences"]][:2] == ["Profit rose 12%.", "Sales fell."]


def test_no_text_is_wrong_usage(tmp_path: Path) -> None:
    answer = run("sentiment", "  ", data=tmp_path)

    assert answer.returncode == 2
    assert answer.stderr.startswith("error: There is no text.")


def test_a_model_that_is_asked_for_and_missing_is_one_line_with_a_hint(tmp_path: Path) -> None:
    answer = run("sentiment", "Profit rose.", data=tmp_path, sentiment_model="finbert")

    assert answer.returncode == 3
    assert "hint: Run `foliolens models pull finbert`" in answer.stderr
    assert len(answer.stderr.strip().splitlines()) == 2


def test_the_server_does_not_start_without_the_model_that_is_asked_for(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])

    answer = run("serve", "--port", port, data=tmp_path, sentiment_model="finbert")

    assert answer.returncode == 3
    assert "The sentiment model finbert: it is not installed" in answer.stderr
    assert not (tmp_path / "postgres").exists()


def test_pull_list_and_verify(hub: StandInHub, tmp_path: Path) -> None:
    pulled = run("models", "pull", "finbert", data=tmp_path, model_mirror=hub.url)
    listed = run("models", "list", data=tmp_path)
    verified = run("models", "verify", data=tmp_path)

    assert pulled.returncode == 0, pulled.stderr
    assert "Installed finbert as int8" in pulled.stdout
    in_use = [line for line in listed.stdout.splitlines() if line.startswith("in use")]
    assert len(in_use) == 1
    assert "finbert" in in_use[0]
    assert verified.stdout.splitlines() == ["embedded: sound, int8", "finbert: sound, int8"]


def test_verify_finds_a_damaged_file(hub: StandInHub, tmp_path: Path) -> None:
    run("models", "pull", "finbert", data=tmp_path, model_mirror=hub.url)
    model = next(tmp_path.glob("models/finbert/*/model.onnx"))
    model.write_bytes(model.read_bytes()[:-1] + b"?")

    verified = run("models", "verify", data=tmp_path)

    assert verified.returncode == 1
    assert "is damaged: its hash differs" in verified.stdout


def test_without_a_network_pull_says_so_in_one_line_with_the_way_out(tmp_path: Path) -> None:
    answer = run("models", "pull", "finbert", data=tmp_path, model_mirror="http://127.0.0.1:9")

    error, hint = answer.stderr.strip().splitlines()
    assert answer.returncode == 3
    assert error.startswith("error: http://127.0.0.1:9 cannot be reached")
    assert "FOLIOLENS_MODEL_MIRROR" in hint
    assert "embedded model" in hint


def test_export_without_its_packages_names_the_extra(tmp_path: Path) -> None:
    if not missing_packages():
        pytest.skip("the packages of the extra are installed")

    answer = run("models", "pull", "finbert", "--export", data=tmp_path)

    assert answer.returncode == 3
    assert "pip install 'foliolens[finbert-export]'" in answer.stderr
