"""What every way of computing elsewhere promises."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from foliolens.adapters.inference.client import ProcessInference
from foliolens.adapters.inference.supervision import supervised
from foliolens.adapters.inference.thread import ThreadInference
from foliolens.errors import ServiceUnavailable, Unprocessable
from foliolens.ports.inference import Inference
from tests.contract.inference.calculations import COMMAND, TASKS

Of = Callable[[str], Inference[Any, Any]]


@pytest.fixture(scope="module", params=["thread", "process"])
def of(request: pytest.FixtureRequest) -> Iterator[Of]:
    """Gives the inference that runs one of the test's calculations."""
    with ExitStack() as stack:
        if request.param == "thread":
            yield lambda name: ThreadInference(TASKS[name])
        else:
            socket = stack.enter_context(supervised(COMMAND))
            yield lambda name: ProcessInference(socket, name)


async def asked(inference: Inference[Any, Any], argument: Any) -> Any:
    return await inference(argument)


@pytest.mark.parametrize("argument", [None, "né\n\0", {"a": (1, 2.5)}, "x" * 3_000_000])
def test_what_goes_in_and_out_arrives(of: Of, argument: object) -> None:
    assert asyncio.run(asked(of("echo"), argument)) == argument


def test_arrays_arrive(of: Of) -> None:
    array = np.random.default_rng(1).normal(size=20_000)

    assert np.array_equal(asyncio.run(asked(of("echo"), array)), array)


def test_an_error_for_the_client_arrives_whole(of: Of) -> None:
    with pytest.raises(Unprocessable, match="too flat") as refused:
        asyncio.run(asked(of("refuse"), "too flat"))

    assert refused.value.details == {"why": "too flat"}


def test_the_time_to_come_back_arrives(of: Of) -> None:
    with pytest.raises(ServiceUnavailable, match=r"No model\.") as refused:
        asyncio.run(asked(of("unavailable"), 60))

    assert refused.value.headers == {"Retry-After": "60"}


def test_the_event_loop_goes_on_meanwhile(of: Of, tmp_path: Path) -> None:
    async def work() -> int:
        held = asyncio.create_task(asked(of("hold"), tmp_path))
        while not list(tmp_path.glob("begun-*")):
            await asyncio.sleep(0.005)
        tmp_path.joinpath("go-on").touch()
        result: int = await held
        return result

    assert asyncio.run(asyncio.wait_for(work(), 60)) > 0


def test_many_are_answered_each_with_its_own(of: Of) -> None:
    async def work() -> list[int]:
        return await asyncio.gather(*(asked(of("echo"), number) for number in range(100)))

    assert asyncio.run(work()) == list(range(100))
