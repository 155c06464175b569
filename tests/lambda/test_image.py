"""The sentiment function's image, built as its Dockerfile says, without Docker: each step in a folder.

What is not done is what Docker alone can: fetching the base image, whose Python is stood in for by this one.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from infra.packages import IMAGE

from foliolens.sentiment.installation import FINBERT, finbert_folder, read_installation, verify
from tests.gateway_events import rest_post
from tests.lambda_runtime import running
from tests.unit.sentiment.stand_in_hub import stand_in_hub

TASK_ROOT = "${LAMBDA_TASK_ROOT}"
"""Where the base image expects the function."""


@dataclass
class Image:
    """What came out.

    Attributes:
        files: By the place in the image, where they are here.
        variables: Of the image's environment.
        command: The handler.
    """

    files: dict[str, Path] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    command: str = ""


def instructions(dockerfile: str) -> list[tuple[str, str]]:
    """The words of each line that is no comment."""
    lines = [line for line in dockerfile.splitlines() if line and not line.startswith("#")]
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in lines)]


def build(context: Path, scratch: Path, arguments: dict[str, str]) -> Image:
    """Do what a Dockerfile of two stages says; the first works in `scratch`."""
    interpreter = scratch / "bin" / "python"
    interpreter.parent.mkdir(parents=True)
    # Without `site`: the base image's Python has nothing of ours.
    interpreter.write_text(f'#!/bin/sh\nexec "{os.path.realpath(sys.executable)}" -S "$@"\n')
    interpreter.chmod(0o755)
    environment = {"PATH": f"{interpreter.parent}:/usr/bin:/bin", **arguments}
    image, workdir = Image(), "/"
    for name, rest in instructions((context / "Dockerfile").read_text()):
        match name:
            case "WORKDIR":
                workdir = rest
            case "COPY" if rest.startswith("--from=build "):
                source, target = rest.split()[1:]
                assert source.startswith(f"{workdir}/")
                image.files[target] = scratch / source.removeprefix(f"{workdir}/")
            case "COPY":
                *sources, target = rest.split()
                assert target == "./"
                for source in sources:
                    shutil.copy(context / source, scratch)
            case "RUN":
                subprocess.run(["sh", "-euc", rest], cwd=scratch, env=environment, check=True)
            case "ENV":
                image.variables.update(pair.split("=") for pair in rest.split())
            case "CMD":
                (image.command,) = json.loads(rest)
            case _:
                assert name in {"ARG", "FROM"}, name
    return image


@pytest.fixture(scope="module")
def image(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Image:
    with stand_in_hub() as hub:
        mirror = {"FOLIOLENS_MODEL_MIRROR": hub.url}
        return build(built / IMAGE, tmp_path_factory.mktemp("image"), mirror)


def test_it_holds_the_package_byte_for_byte_and_the_model(image: Image, built: Path, tmp_path: Path) -> None:
    shutil.unpack_archive(built / "sentiment.zip", tmp_path)

    assert set(image.files) == {TASK_ROOT, image.variables["FOLIOLENS_DATA"]}
    assert contents(image.files[TASK_ROOT]) == contents(tmp_path)


def test_everybody_may_read_what_is_in_it(image: Image) -> None:
    """Lambda runs functions as a user without rights."""
    for folder in image.files.values():
        for path in folder.rglob("*"):
            assert path.stat().st_mode & (0o055 if path.is_dir() else 0o044), path


def test_its_function_judges_with_the_model_that_was_baked_in(image: Image, tmp_path: Path) -> None:
    answer, log = judged(image, tmp_path)

    assert answer["model"]["name"] == "finbert"
    assert "embedded" not in log


def test_every_file_of_the_model_has_the_hash_that_its_manifest_names(image: Image) -> None:
    data = image.files[image.variables["FOLIOLENS_DATA"]]

    verify(read_installation(FINBERT, finbert_folder(data)))


def test_both_stages_have_the_python_that_the_package_was_compiled_for(built: Path) -> None:
    named = [
        rest for name, rest in instructions((built / IMAGE / "Dockerfile").read_text()) if name == "FROM"
    ]

    assert [re.sub(" AS build$", "", each) for each in named] == [
        "public.ecr.aws/lambda/python:${PYTHON}-arm64"
    ] * 2


def judged(image: Image, folder: Path) -> tuple[dict[str, dict[str, str]], str]:
    """What the image's function says of a sentence, and what it wrote into its log."""
    data = image.variables["FOLIOLENS_DATA"]
    shutil.copytree(image.files[data], folder / "stage" / Path(data).name)  # which is not to be written to
    shutil.make_archive(str(folder / "sentiment"), "zip", image.files[TASK_ROOT])
    variables = {**image.variables, "FOLIOLENS_DATA": f"/mnt/{Path(data).name}"}
    with running(folder / "sentiment.zip", image.command, folder, variables) as function:
        answered = function.invoke(rest_post("/sentiment", '{"text": ["Up."]}', {"detail": "true"}))
        return json.loads(answered["body"]), function.log.read_text()


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
