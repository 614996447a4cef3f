"""Ends endless tasks for good."""

from __future__ import annotations

import asyncio
from typing import Any, Iterable

_AGAIN_S = 0.5


async def end_all(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel the tasks until every one has ended.

    Once is not enough: a time limit that runs out at the same moment takes the cancellation for its own
    (https://github.com/python/cpython/issues/86296, asyncio.wait_for on Python 3.8; anyio's fail_after), and
    an endless task goes on.
    """
    going = set(tasks)
    while going:
        for task in going:
            task.cancel()
        _, going = await asyncio.wait(going, timeout=_AGAIN_S)
