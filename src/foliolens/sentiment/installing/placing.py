"""Putting a model in place: never half, and never under the feet of a process that uses the old one.

The files of each version have a folder of their own; the manifest names them. Replacing the manifest, one
file, is what makes a version the installed one.
"""

import json
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from foliolens.sentiment.installation import (
    FINBERT,
    MANIFEST,
    MODEL_FILE,
    TOKENIZER_FILE,
    Installation,
    read_installation,
    sha256_of,
)
from foliolens.sentiment.installing.layout import write_apart
from foliolens.sentiment.models import Label

__all__ = ["Candidate", "place"]


class Candidate(Struct, frozen=True):
    """Files that could become the installed model.

    Attributes:
        model: The ONNX file.
        tokenizer: Its tokenizer.json.
        labels: The labels in the order of the model's outputs.
        precision: `int8`, `int8-mixed` or `fp32`.
        facts: What the manifest says beside: source, comparison.
    """

    model: Path
    tokenizer: Path
    labels: Sequence[Label]
    precision: str
    facts: dict[str, Any] = field(default_factory=dict)

    def opened(self) -> Installation:
        """The candidate as an installation, where it lies."""
        return _placed(self, self.model.parent / f"{self.precision}-candidate", _link_into)


def place(candidate: Candidate, folder: Path) -> Installation:
    """Make a candidate the model installed in a folder; the version before it is removed afterwards.

    Args:
        candidate: What to install; its own files stay where they are.
        folder: Where to.

    Raises:
        ModelUnusable: The candidate is no model.
        OSError: No space, or no permission; what was installed stays installed.
    """
    return _placed(candidate, folder, write_apart)


def _placed(candidate: Candidate, folder: Path, lay_out: Callable[[Path, Path], None]) -> Installation:
    version = sha256_of(candidate.model)[:12]
    versioned = folder / version
    versioned.mkdir(parents=True, exist_ok=True)
    lay_out(candidate.model, versioned)
    _link(candidate.tokenizer, versioned / TOKENIZER_FILE)
    manifest = {
        "model": FINBERT,
        "version": version,
        "precision": candidate.precision,
        "labels": [label.value for label in candidate.labels],
        "files": {f"{version}/{file.name}": _recorded(file) for file in sorted(versioned.iterdir())},
        **candidate.facts,
    }
    _write(folder / MANIFEST, json.dumps(manifest, indent=2) + "\n")
    _remove_others(folder, version)
    return read_installation(FINBERT, folder)


def _link_into(model: Path, folder: Path) -> None:
    _link(model, folder / MODEL_FILE)


def _link(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    try:
        target.hardlink_to(source)
    except OSError:  # another file system, or one without links
        shutil.copyfile(source, target)


def _recorded(file: Path) -> dict[str, object]:
    """What the manifest says of a file, once it is on the disk for certain."""
    with file.open("rb") as opened:
        os.fsync(opened.fileno())
    return {"size": file.stat().st_size, "sha256": sha256_of(file)}


def _write(path: Path, text: str) -> None:
    beside = path.with_name(f"{path.name}.new")
    with beside.open("w", encoding="utf-8") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    beside.replace(path)


def _remove_others(folder: Path, version: str) -> None:
    for entry in folder.iterdir():
        if entry.is_dir() and entry.name != version:
            shutil.rmtree(entry, ignore_errors=True)
