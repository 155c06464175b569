"""The checks that run before the tests: they find what they are for, and say when they could not look."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

LOCKS = sorted(Path("requirements").glob("*.txt"))
PIN = re.compile(r"^([a-z0-9._-]+(?:\[[^\]]*\])?==\S+)", re.MULTILINE)
LOCK = f"httpx==0.28.1 \\\n    --hash=sha256:{'0' * 64}\nidna==3.10 \\\n    --hash=sha256:{'1' * 64}\n"


class Advisories(BaseHTTPRequestHandler):
    """A database that knows of one vulnerability, as OSV tells it."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        known = asked["package"]["name"] == "idna"
        vulnerability = {
            "id": "TEST-1",
            "summary": "A hole.",
            "modified": "2026-01-01T00:00:00Z",
            "affected": [],
        }
        body = json.dumps({"vulns": [vulnerability]} if known else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def database() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Advisories) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
        server.shutdown()
        thread.join()


def audit(lock: Path, database: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "scripts/audit.py", str(lock)],
        env={"PATH": "/usr/bin:/bin", "HOME": str(lock.parent), "OSV_URL": database, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_known_vulnerability_fails_the_audit(tmp_path: Path, database: str) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text(LOCK)

    ended = audit(lock, database)

    assert (ended.returncode, ended.stderr.strip()) == (1, "idna 3.10: TEST-1")


def test_dependencies_without_one_pass(tmp_path: Path, database: str) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text(LOCK.partition("idna")[0])

    ended = audit(lock, database)

    assert (ended.returncode, ended.stdout.strip()) == (0, "1 dependencies have no known vulnerability.")


@pytest.mark.parametrize(("environment", "code"), [({}, 0), ({"AUDIT": "required"}, 1)])
def test_an_audit_that_could_not_look_says_so(tmp_path: Path, environment: dict[str, str], code: int) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text(LOCK)

    ended = audit(lock, "http://127.0.0.1:9/v1/query", **environment)

    assert ended.returncode == code
    assert "NOT AUDITED" in ended.stderr
    assert "no known vulnerability" not in ended.stdout


def test_the_lock_file_that_is_audited_names_everything() -> None:
    pins = {
        lock.name: {re.sub(r"\[.*\]", "", pin) for pin in PIN.findall(lock.read_text())} for lock in LOCKS
    }
    everything = pins.pop("dev.txt")

    assert len(everything) > 100
    assert {name: sorted(found - everything) for name, found in pins.items()} == {name: [] for name in pins}


def find_secrets(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["./scripts/secrets", str(path)], capture_output=True, text=True, check=False)


def test_a_key_in_a_file_is_found(tmp_path: Path) -> None:
    path = tmp_path / "settings.py"
    path.write_text("KEY = '" + "AKIA" + "Z" * 4 + "Q3EXAMPLE7AB'\n")  # in parts, or this file would be found

    ended = find_secrets(path)

    assert ended.returncode == 1
    assert "AWS Access Key" in ended.stdout


def test_a_file_without_one_passes(tmp_path: Path) -> None:
    path = tmp_path / "settings.py"
    path.write_text("KEY = None\n")

    assert find_secrets(path).returncode == 0
