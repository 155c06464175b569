"""Installed models: a folder with weights, tokenizer and a manifest that names and hashes them."""

import hashlib
import json
from pathlib import Path
from typing import Any

from msgspec import Struct

from foliolens.sentiment.engine import ModelUnusable
from foliolens.sentiment.models import Label, ModelIdentity

__all__ = [
    "EMBEDDED",
    "FINBERT",
    "MANIFEST",
    "MODEL_FILE",
    "TOKENIZER_FILE",
    "WEIGHTS_FILE",
    "Installation",
    "InstalledFile",
    "embedded_folder",
    "finbert_folder",
    "read_installation",
    "sha256_of",
    "verify",
]

EMBEDDED = "embedded"
FINBERT = "finbert"
MANIFEST = "manifest.json"

_REPAIR = {
    EMBEDDED: "Reinstall FolioLens.",
    FINBERT: "Run `foliolens models pull finbert`, or set FOLIOLENS_SENTIMENT_FALLBACK=embedded.",
}
MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
WEIGHTS_FILE = "model.data"
"""Beside a model whose weights are not in its own file; nobody but the model itself names it."""


class InstalledFile(Struct, frozen=True):
    """One file of a model, as the manifest states it; the name may begin with a folder."""

    name: str
    size: int
    sha256: str


class Installation(Struct, frozen=True):
    """A model on disk.

    Attributes:
        identity: Which model.
        folder: Where its files are.
        labels: The labels in the order of the model's outputs.
        files: What belongs to it.
        manifest: Everything the manifest says, for people.
    """

    identity: ModelIdentity
    folder: Path
    labels: tuple[Label, ...]
    files: tuple[InstalledFile, ...]
    manifest: dict[str, Any]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    def path(self, name: str) -> Path:
        """Where the file of this name is, whatever folder the manifest puts it in.

        Raises:
            LookupError: The manifest names none.
        """
        for file in self.files:
            if Path(file.name).name == name:
                return self.folder / file.name
        raise LookupError(name)


def embedded_folder() -> Path:
    """Where the model that comes with the installation is."""
    return Path(__file__).with_name("embedded")


def finbert_folder(data: Path) -> Path:
    """Where `models pull finbert` puts FinBERT, under the data folder."""
    return data / "models" / FINBERT


def read_installation(name: str, folder: Path) -> Installation:
    """Read a model's manifest and look whether its files are there, with the size they should have.

    Raises:
        ModelUnusable: Not installed, or damaged.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        installation = Installation(
            identity=ModelIdentity(name, str(manifest["version"]), str(manifest["precision"])),
            folder=folder,
            labels=tuple(Label(label) for label in manifest["labels"]),
            files=tuple(
                InstalledFile(file, int(entry["size"]), str(entry["sha256"]))
                for file, entry in manifest["files"].items()
            ),
            manifest=manifest,
        )
    except FileNotFoundError as error:
        raise ModelUnusable(name, f"it is not installed in {folder}.", _REPAIR[name]) from error
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise ModelUnusable(name, f"{folder / MANIFEST} cannot be read.", _REPAIR[name]) from error
    if set(installation.labels) != set(Label):
        raise ModelUnusable(name, f"{folder / MANIFEST} names other labels.", _REPAIR[name])
    present = {Path(file.name).name for file in installation.files}
    for required in (MODEL_FILE, TOKENIZER_FILE):
        if required not in present:
            raise ModelUnusable(name, f"{folder / MANIFEST} names no {required}.", _REPAIR[name])
    for file in installation.files:
        _check_size(name, folder / file.name, file.size)
    return installation


def verify(installation: Installation) -> None:
    """Compare every file with the hash in the manifest; reads them all.

    Raises:
        ModelUnusable: A file is not what was installed.
    """
    name = installation.identity.name
    for file in installation.files:
        path = installation.folder / file.name
        try:
            found = sha256_of(path)
        except OSError as error:
            raise ModelUnusable(name, f"{path} cannot be read.", _REPAIR[name]) from error
        if found != file.sha256:
            raise ModelUnusable(name, f"{path} is damaged: its hash differs.", _REPAIR[name])


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _check_size(name: str, path: Path, size: int) -> None:
    try:
        found = path.stat().st_size
    except OSError as error:
        raise ModelUnusable(name, f"{path} is missing.", _REPAIR[name]) from error
    if found != size:
        raise ModelUnusable(
            name, f"{path} is damaged: it has {found} bytes where {size} belong.", _REPAIR[name]
        )
