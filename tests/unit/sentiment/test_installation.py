"""Reading and checking installed models."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from foliolens.sentiment.engine import ModelUnusable
from foliolens.sentiment.installation import EMBEDDED, MANIFEST, embedded_folder, read_installation, verify
from foliolens.sentiment.onnx_engine import OnnxEngine


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "embedded"
    shutil.copytree(embedded_folder(), folder)
    return folder


def rewrite(folder: Path, **changes: object) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**manifest, **changes}))


def test_the_model_that_comes_with_the_installation_is_sound() -> None:
    installation = read_installation(EMBEDDED, embedded_folder())

    verify(installation)

    assert installation.identity.precision == "int8"
    assert installation.size < 20_000_000


def test_a_missing_model_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match=r"not installed.*foliolens models pull finbert"):
        read_installation("finbert", tmp_path)


def test_a_file_cut_short_is_noticed_without_reading_it(copy: Path) -> None:
    with (copy / "model.onnx").open("r+b") as opened:
        opened.truncate(1000)

    with pytest.raises(ModelUnusable, match="damaged: it has 1000 bytes"):
        read_installation(EMBEDDED, copy)


def test_a_changed_byte_is_noticed_by_verifying(copy: Path) -> None:
    with (copy / "model.onnx").open("r+b") as opened:
        opened.seek(5000)
        opened.write(b"\xff\x00\xff")

    with pytest.raises(ModelUnusable, match="hash differs"):
        verify(read_installation(EMBEDDED, copy))


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"version": 1}', "\x00"])
def test_an_unreadable_manifest_is_a_clear_error(copy: Path, content: str) -> None:
    (copy / MANIFEST).write_text(content)

    with pytest.raises(ModelUnusable, match="cannot be read"):
        read_installation(EMBEDDED, copy)


def test_a_manifest_without_the_three_labels_is_refused(copy: Path) -> None:
    rewrite(copy, labels=["positive", "negative"])

    with pytest.raises(ModelUnusable, match="other labels"):
        read_installation(EMBEDDED, copy)


def test_a_manifest_without_the_model_is_refused(copy: Path) -> None:
    rewrite(copy, files={})

    with pytest.raises(ModelUnusable, match=r"names no model\.onnx"):
        read_installation(EMBEDDED, copy)


def test_files_that_are_no_model_are_a_clear_error(copy: Path) -> None:
    content = b"no model"
    (copy / "model.onnx").write_bytes(content)
    files = json.loads((copy / MANIFEST).read_text())["files"]
    rewrite(copy, files={**files, "model.onnx": {"size": len(content), "sha256": ""}})

    with pytest.raises(ModelUnusable, match="cannot be loaded"):
        OnnxEngine(read_installation(EMBEDDED, copy))
