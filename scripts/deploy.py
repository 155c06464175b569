"""Bring an environment up on AWS, or show what would change: `python -m scripts.deploy ENV [ACTION]`.

Needs the credentials of an account, as every AWS tool finds them. Everything else is fetched: Node comes as a
Python package, the CDK's command line by the lock file in `infra/cli`.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from botocore.session import Session
from infra.config import ENVIRONMENTS, Environment
from scripts.build_web import node, npm

from infra import packages

__all__ = ["command", "install", "main"]

_ROOT = Path(__file__).resolve().parents[1]
_CLI = _ROOT / "infra" / "cli"
_NOT_READY = 2
_CDK = _CLI / "node_modules" / "aws-cdk" / "bin" / "cdk"


def main(arguments: list[str]) -> int:
    """Build what is deployed, and hand it to the CDK.

    Args:
        arguments: Of the command line; what is not ours goes to the CDK.

    Returns:
        The exit code of the CDK; 2 where something is missing that it would ask for.
    """
    parser = argparse.ArgumentParser(description="Deploy FolioLens to AWS.")
    parser.add_argument("environment", choices=sorted(ENVIRONMENTS))
    parser.add_argument(
        "action", nargs="?", default="deploy", choices=["bootstrap", "deploy", "destroy", "diff", "synth"]
    )
    chosen, more = parser.parse_known_args(arguments)
    if lacking := _lacking(ENVIRONMENTS[chosen.environment], chosen.action):
        print(*lacking, "docs/deploy.md has the rest.", sep="\n", file=sys.stderr)  # noqa: T201
        return _NOT_READY
    install()
    # Whatever is done with the stacks, they are made first, and name the packages.
    packages.build(_ROOT / "build" / "lambda")
    # Bootstrapping asks for no stacks; everything else is about all of them.
    scope = () if chosen.action == "bootstrap" else ("--all",)
    app = ("--app", f"{sys.executable} -m infra.app", "--context", f"env={chosen.environment}")
    output = ("--output", str(_ROOT / "build" / f"cdk-{chosen.environment}"))
    called = command(chosen.action, *scope, *app, *output, *more)
    return subprocess.run(called, cwd=_ROOT, env=environment(), check=False).returncode  # noqa: S603


def _lacking(environment: Environment, action: str) -> list[str]:
    """What is not there that the action needs, one sentence each."""
    lacking = []
    if action != "synth":
        session = Session()
        if session.get_credentials() is None:
            lacking.append(
                "There are no credentials of AWS: set AWS_PROFILE, or sign in with `aws sso login`."
            )
        if session.get_config_variable("region") is None and "AWS_REGION" not in os.environ:
            lacking.append("There is no region: set AWS_REGION, as in AWS_REGION=eu-central-1.")
    if action == "deploy" and environment.sentiment_image and shutil.which("docker") is None:
        lacking.append("There is no Docker, which builds the image of `sentiment`: see `sentiment_image`.")
    return lacking


def install() -> None:
    """Install the CDK's command line as its lock file names it, unless it is there."""
    if _CDK.is_file():
        return
    called = [node(), npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(called, cwd=_CLI, env=environment(), check=True)  # noqa: S603 - our own arguments


def command(*arguments: str) -> list[str]:
    """The CDK's command line."""
    return [str(node()), str(_CDK), *arguments]


def environment() -> dict[str, str]:
    """Our environment, with the Node of the Python package for the CDK and for what it starts."""
    path = f"{node().parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, "PATH": path, "JSII_NODE": str(node())}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
