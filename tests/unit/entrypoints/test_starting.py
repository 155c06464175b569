"""What a function does while it starts, and what it leaves for the first request that needs it."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from foliolens.entrypoints.starting import start, started


@pytest.fixture(autouse=True)
def the_process_as_it_was() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.enable()
    os.environ.pop("PYDANTIC_DISABLE_PLUGINS", None)


def test_the_collector_waits_until_the_function_has_started() -> None:
    start()
    waits = not gc.isenabled()
    started()

    assert waits
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0


@pytest.mark.parametrize(("first", "searched"), [("start()", "False"), ("", "True")])
def test_no_package_is_searched_for_plugins_of_pydantic(first: str, searched: str) -> None:
    program = f"""
from foliolens.entrypoints.starting import start
{first}
from pydantic import TypeAdapter
TypeAdapter(int)
from pydantic.plugin import _loader
print(_loader._plugins is not None)
"""

    printed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout

    assert printed.strip() == searched


@pytest.mark.parametrize(("initialization", "prepared"), [("on-demand", False), ("snap-start", True)])
def test_models_are_prepared_when_they_are_used_or_before_a_snapshot(
    initialization: str, prepared: bool
) -> None:
    program = """
from foliolens.entrypoints.starting import models_on_demand
models_on_demand()
from foliolens.portfolios.schemas import PortfolioList
print(PortfolioList.__pydantic_complete__)
read = PortfolioList.model_validate(
    {"portfolios": [], "pagination": {"total": 0, "limit": 1, "offset": 0, "hasMore": False}}
)
print(PortfolioList.__pydantic_complete__)
"""

    printed = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "AWS_LAMBDA_INITIALIZATION_TYPE": initialization},
    ).stdout.split()

    assert printed == [str(prepared), "True"]
