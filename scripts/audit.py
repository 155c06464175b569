"""Look every dependency of the lock files up among known vulnerabilities.

A known vulnerability fails the command. Where the database of vulnerabilities cannot be reached, nothing was
looked up: the command says so in plain words and fails only when told that an audit is required, so that work
without a network goes on and nobody takes silence for safety.

    AUDIT=required python scripts/audit.py      # as a release does
"""

import json
import os
import subprocess
import sys
from pathlib import Path

__all__ = ["main"]

_DATABASE = "https://api.osv.dev/v1/query"
_EVERYTHING = Path(__file__).parents[1] / "requirements" / "dev.txt"
"""The other lock files name nothing that this one does not, which a test holds true."""
_PATIENCE_SECONDS = 600


def main(lock: Path = _EVERYTHING) -> int:
    """Audit a lock file; the exit code."""
    command = [
        *(sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip", "--format", "json"),
        *("--progress-spinner", "off", "--timeout", "10", "--vulnerability-service", "osv"),
        *("--osv-url", os.environ.get("OSV_URL", _DATABASE), "--requirement", str(lock)),
    ]
    ended = subprocess.run(  # noqa: S603 - the command is ours
        command, capture_output=True, text=True, timeout=_PATIENCE_SECONDS, check=False
    )
    if not ended.stdout.startswith("{"):
        return _not_audited(ended.stderr)
    dependencies = json.loads(ended.stdout)["dependencies"]
    vulnerable = [found for found in dependencies if found.get("vulns")]
    for found in vulnerable:
        names = ", ".join(vulnerability["id"] for vulnerability in found["vulns"])
        sys.stderr.write(f"{found['name']} {found['version']}: {names}\n")
    if vulnerable:
        return 1
    skipped = [found["skip_reason"] for found in dependencies if "skip_reason" in found]
    if skipped or not dependencies:
        return _not_audited("\n".join(skipped))
    sys.stdout.write(f"{len(dependencies)} dependencies have no known vulnerability.\n")
    return 0


def _not_audited(reason: str) -> int:
    last = reason.strip().splitlines()[-1:] or ["no answer"]
    sys.stderr.write(f"NOT AUDITED: the vulnerability database did not answer: {last[0][:300]}\n")
    return 1 if os.environ.get("AUDIT") == "required" else 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
