"""Tasks that swallow a cancellation."""

from __future__ import annotations

import asyncio

from alerts.telegram.tasks import end_all


async def _stubborn(swallows: int) -> None:
    for _ in range(swallows):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            continue
    await asyncio.Event().wait()


async def _failing() -> None:
    raise ValueError


def test_a_task_that_swallows_a_cancellation_ends_all_the_same() -> None:
    async def run() -> None:
        tasks = [asyncio.get_running_loop().create_task(work) for work in (_stubborn(0), _stubborn(2))]
        await asyncio.sleep(0)
        await asyncio.wait_for(end_all(tasks), 30)
        assert all(task.cancelled() for task in tasks)

    asyncio.run(run())


def test_what_had_failed_is_left_to_tell() -> None:
    async def run() -> None:
        task = asyncio.get_running_loop().create_task(_failing())
        await asyncio.sleep(0)
        await end_all([task])
        assert isinstance(task.exception(), ValueError)

    asyncio.run(run())
