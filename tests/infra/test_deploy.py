"""The CDK's own command line takes what the application makes: what `make deploy` hands it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from scripts.deploy import command, environment, install, main

from tests.infra.conftest import Synthesised


def test_it_reads_the_stacks_of_an_environment(synthesised: Synthesised) -> None:
    install()

    listed = subprocess.run(
        command("list", "--app", str(synthesised.paths[0].parent)),
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
    )

    assert listed.returncode == 0, listed.stderr
    assert listed.stdout.split() == [
        f"foliolens-{synthesised.environment}-data",
        f"foliolens-{synthesised.environment}",
    ]


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that knows nothing of AWS, and has no Docker."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("PATH", "")


@pytest.mark.usefixtures("bare")
def test_what_is_missing_is_told_before_anything_is_built(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.packages.build", _not_yet)

    assert main(["prod"]) == 2
    told = capfd.readouterr().err
    assert ["credentials" in told, "AWS_REGION=" in told, "Docker" in told] == [True, True, True]
    assert main(["dev"]) == 2
    assert "Docker" not in capfd.readouterr().err


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("action", ["bootstrap", "diff", "deploy", "destroy", "synth"])
def test_with_credentials_and_a_region_it_goes_on(monkeypatch: pytest.MonkeyPatch, action: str) -> None:
    """And builds the packages whatever is asked: without them there are no stacks to speak of."""
    monkeypatch.setattr("infra.packages.build", _not_yet)
    monkeypatch.setattr("scripts.deploy.install", lambda: None)
    for name, value in (("ACCESS_KEY_ID", "a"), ("SECRET_ACCESS_KEY", "b"), ("REGION", "eu-central-1")):
        monkeypatch.setenv(f"AWS_{name}", value)

    with pytest.raises(NotYet):
        main(["dev", action])


class NotYet(Exception):
    """It would build now."""


def _not_yet(_folder: Path) -> None:
    raise NotYet
