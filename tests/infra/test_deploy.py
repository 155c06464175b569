"""The CDK's own command line takes what the application makes: what `make deploy` hands it."""

from __future__ import annotations

import subprocess

from scripts.deploy import command, environment, install

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
