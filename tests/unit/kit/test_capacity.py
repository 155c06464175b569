"""Costly work is bounded: some runs, a few wait, the rest are told to come back."""

from __future__ import annotations

import asyncio

import pytest

from foliolens.errors import ServiceUnavailable
from foliolens.kit.capacity import Capacity


def test_a_slot_is_free_again_after_the_work() -> None:
    async def work() -> None:
        capacity = Capacity("fits", concurrent=1, waiting=0, patience=60)
        with pytest.raises(ZeroDivisionError):
            async with capacity.slot():
                raise ZeroDivisionError
        async with capacity.slot():
            pass

    asyncio.run(work())


def test_one_more_than_may_wait_is_refused_at_once() -> None:
    async def work() -> ServiceUnavailable:
        capacity = Capacity("fits", concurrent=1, waiting=0, patience=3600)
        async with capacity.slot():
            with pytest.raises(ServiceUnavailable) as refused:
                async with capacity.slot():
                    pass
        return refused.value

    refusal = asyncio.run(work())

    assert refusal.message.startswith("Too many fits")
    assert refusal.headers == {"Retry-After": "3600"}


def test_who_waits_longer_than_patience_is_refused_and_leaves_its_place() -> None:
    async def work() -> None:
        capacity = Capacity("fits", concurrent=1, waiting=1, patience=0.01)
        async with capacity.slot():
            for _ in range(3):
                with pytest.raises(ServiceUnavailable):
                    async with capacity.slot():
                        pass

    asyncio.run(work())


def test_those_who_wait_get_their_turn_in_the_order_they_came() -> None:
    turns: list[int] = []

    async def work() -> None:
        capacity = Capacity("fits", concurrent=1, waiting=3, patience=60)

        async def wait(number: int) -> None:
            async with capacity.slot():
                turns.append(number)

        async with capacity.slot():
            waiting = [asyncio.create_task(wait(number)) for number in range(3)]
            await asyncio.sleep(0)
            assert turns == []
        await asyncio.gather(*waiting)

    asyncio.run(work())

    assert turns == [0, 1, 2]


def test_who_gives_up_waiting_leaves_its_place() -> None:
    async def work() -> None:
        capacity = Capacity("fits", concurrent=1, waiting=1, patience=60)

        async def wait() -> None:
            async with capacity.slot():
                pass

        async with capacity.slot():
            gone = asyncio.create_task(wait())
            await asyncio.sleep(0)
            gone.cancel()
            await asyncio.wait([gone])
            next_one = asyncio.create_task(wait())
            await asyncio.sleep(0)
            assert not next_one.done()
        await next_one

    asyncio.run(work())
