"""The web app's own checks, and what is generated for it."""

from __future__ import annotations

import json
import runpy
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"
NODE = runpy.run_path(str(ROOT / "scripts" / "build_web.py"))["node"]()
TYPES = runpy.run_path(str(ROOT / "scripts" / "write_api_types.py"))


@pytest.mark.parametrize("tool", [("biome", "check"), ("tsc",)], ids=lambda tool: tool[0])
def test_the_sources_pass(tool: tuple[str, ...]) -> None:
    command = [str(NODE), str(WEB / "node_modules" / ".bin" / tool[0]), *tool[1:]]
    checked = subprocess.run(command, cwd=WEB, capture_output=True, text=True, check=False)

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_committed_api_types_are_those_of_the_api_document() -> None:
    document = json.loads((ROOT / "openapi.json").read_text(encoding="utf-8"))

    assert TYPES["TARGET"].read_text(encoding="utf-8") == TYPES["api_types"](document), "run `make openapi`"


def test_the_lock_file_names_no_registry() -> None:
    lock = (WEB / "package-lock.json").read_text(encoding="utf-8")

    assert "resolved" not in lock
    assert "://" not in lock


def test_all_scripts_together_are_small() -> None:
    scripts = list((ROOT / "src" / "foliolens" / "static" / "assets").glob("*.js.gz"))

    assert scripts
    assert sum(script.stat().st_size for script in scripts) <= 60_000


def test_the_package_holds_an_app_built_from_these_sources() -> None:
    build = runpy.run_path(str(ROOT / "scripts" / "build_web.py"))

    built_from = ROOT / "src" / "foliolens" / "static" / ".built-from"

    assert built_from.read_text() == build["_fingerprint"](WEB, *build["_SOURCES"])
