"""Builds the functions' packages: `python -m infra.packages`, or `make package`.

A package is a zip of the wheels that the function's lock file names, for the target's platform, and of our
own code, all compiled for the target's Python. Built twice from one tree, it is the same byte for byte.
"""

import argparse
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Final

from infra import sdk_data

__all__ = ["FUNCTIONS", "IMAGE", "build"]

_ROOT: Final = Path(__file__).resolve().parents[1]
IMAGE: Final = "sentiment-image"
"""The folder that Docker builds the sentiment function's image of."""

FUNCTIONS: Final = ("api", "auth", "market", "migrate", "predict", "schedule", "sentiment", "uploads")

_LAMBDA: Final = "aarch64-manylinux_2_28"
_MOST_BYTES: Final = 100 * 1024 * 1024
_LARGE: Final = frozenset({"sentiment"})
"""Over 100 MB by design: ONNX Runtime and the embedded model."""

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can say
_NEVER_SHIPPED: Final = ("__pycache__", "tests", "test", "*.pyi", "*.a", "*.pxd", "*.h", "*.c", "py.typed")
_NEVER_USED: Final = ("aws_lambda_powertools/event_handler", "numpy/distutils", "numpy/f2py", "pydantic/v1")
"""A web framework with Swagger's pages, what works with compilers, and models of a former kind, which FastAPI
looks out for where they are installed."""


def build(folder: Path, *, functions: tuple[str, ...] = FUNCTIONS, target: str = _LAMBDA) -> Path:
    """Build packages.

    Args:
        folder: Where the zips, the image's folder and `manifest.json` go.
        functions: Which.
        target: The platform, as uv names it.

    Returns:
        The manifest.

    Raises:
        ValueError: A package is larger than Lambda or we allow.
        subprocess.CalledProcessError: A wheel is not to be had.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sizes = {}
    digest = hashlib.sha256()
    for function in functions:
        with tempfile.TemporaryDirectory(prefix="foliolens-package-") as scratch:
            contents = Path(scratch, "package")
            _assemble(function, contents, target)
            sizes[function] = _size(contents)
            if sizes[function] > _MOST_BYTES and function not in _LARGE:
                raise ValueError(f"{function} has {sizes[function]} bytes, more than {_MOST_BYTES}")
            path = folder / f"{function}.zip"
            _pack(contents, path)
            digest.update(path.read_bytes())
            if function == "sentiment":
                _lay_out_image(path, folder / IMAGE)
    manifest = folder / "manifest.json"
    described = {
        "version": digest.hexdigest(),
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "target": target,
        "unzippedBytes": sizes,
    }
    manifest.write_text(json.dumps(described, indent=2) + "\n")
    return manifest


def _assemble(function: str, contents: Path, target: str) -> None:
    _install(_ROOT / "requirements" / f"lambda-{function}.txt", contents, target)
    ours = contents / "foliolens"
    left_out = ["static", "py.typed", "demo"]
    if function != "sentiment":
        left_out.append("embedded")
    shutil.copytree(
        _ROOT / "src" / "foliolens", ours, ignore=shutil.ignore_patterns(*left_out, "__pycache__")
    )
    if function == "migrate":
        shutil.copytree(_ROOT / "migrations", ours / "migrations")
    for pattern in (*_NEVER_SHIPPED, *_NEVER_USED):
        for path in sorted(contents.rglob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
    shutil.rmtree(contents / "bin", ignore_errors=True)
    if (sdk := contents / "botocore" / "data").exists():
        sdk_data.cut(sdk)
    _compile(contents)


def _install(lock: Path, contents: Path, target: str) -> None:
    subprocess.run(  # noqa: S603 - our own arguments
        [
            Path(sys.executable).with_name("uv"),
            "pip",
            "install",
            "--quiet",
            "--target",
            contents,
            "--python-platform",
            target,
            "--python-version",
            f"{sys.version_info.major}.{sys.version_info.minor}",
            "--only-binary=:all:",
            "--no-deps",
            "--require-hashes",
            "--requirements",
            lock,
        ],
        check=True,
    )


def _compile(contents: Path) -> None:
    """Compile everything, with paths and times that do not depend on when and where."""
    subprocess.run(  # noqa: S603
        [
            sys.executable,
            "-m",
            "compileall",
            "-q",
            "--invalidation-mode",
            "unchecked-hash",
            "-s",
            contents,
            "-p",
            "/var/task",
            contents,
        ],
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": "315532800"},
    )


def _size(contents: Path) -> int:
    return sum(path.stat().st_size for path in contents.rglob("*") if path.is_file())


def _pack(contents: Path, path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for file in sorted(entry for entry in contents.rglob("*") if entry.is_file()):
            # Installers write down where they put things, which is a folder of this machine.
            if file.name in {"direct_url.json", "RECORD", "INSTALLER", "REQUESTED"}:
                continue
            entry = zipfile.ZipInfo(str(file.relative_to(contents)), _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, file.read_bytes())


def _lay_out_image(package: Path, folder: Path) -> None:
    """Put what is in the image beside what makes it."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(_ROOT / "infra" / "image", folder)
    shutil.copyfile(package, folder / package.name)


def host() -> str:
    """The platform of this machine, for trying packages out."""
    return {"x86_64": "x86_64", "aarch64": "aarch64"}[platform.machine()] + "-manylinux_2_28"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Build the functions' packages.")
    parser.add_argument("--folder", type=Path, default=_ROOT / "build" / "lambda")
    parser.add_argument("--target", default=_LAMBDA)
    parser.add_argument("functions", nargs="*", default=list(FUNCTIONS))
    chosen = parser.parse_args()
    print(build(chosen.folder, functions=tuple(chosen.functions), target=chosen.target).read_text())  # noqa: T201
