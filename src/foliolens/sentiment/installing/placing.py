"""Putting a model in place: never half, and never under the feet of a process that uses the old one.

The files of each version have a folder of their own; the manifest names them. Replacing the manifest, one
file, is what makes a version the installed one.
"""

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from foliolens.sentiment.installation import (
    FINBERT,
    MANIFEST,
    MODEL_FILE,
    TOKENIZER_FILE,
    Installation,
    read_installation,
    sha256_of,
)
from foliolens.sentiment.models import Label

__all__ = ["Candidate", "place"]


@dataclass(frozen=True, slots=True)
class Candidate:
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
        return place(self, self.model.parent / f"{self.precision}-candidate")


def place(candidate: Candidate, folder: Path) -> Installation:
    """Make a candidate the model installed in a folder; the version before it is removed afterwards.

    Args:
        candidate: What to install; its own files stay where they are.
        folder: Where to.

    Raises:
        OSError: No space, or no permission; what was installed stays installed.
    """
    hashes = {MODEL_FILE: sha256_of(candidate.model), TOKENIZER_FILE: sha256_of(candidate.tokenizer)}
    version = hashes[MODEL_FILE][:12]
    versioned = folder / version
    versioned.mkdir(parents=True, exist_ok=True)
    files = {}
    for name, source in ((MODEL_FILE, candidate.model), (TOKENIZER_FILE, candidate.tokenizer)):
        target = versioned / name
        _link(source, target)
        files[f"{version}/{name}"] = {"size": target.stat().st_size, "sha256": hashes[name]}
    manifest = {
        "model": FINBERT,
        "version": version,
        "precision": candidate.precision,
        "labels": [label.value for label in candidate.labels],
        "files": files,
        **candidate.facts,
    }
    _write(folder / MANIFEST, json.dumps(manifest, indent=2) + "\n")
    _remove_others(folder, version)
    return read_installation(FINBERT, folder)


def _link(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    try:
        target.hardlink_to(source)
    except OSError:  # another file system, or one without links
        shutil.copyfile(source, target)
    with target.open("rb") as opened:
        os.fsync(opened.fileno())


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
