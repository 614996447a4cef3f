"""Keeps what blocks off the loop."""

from __future__ import annotations

import asyncio
from typing import Any, Callable, TypeVar

T = TypeVar("T")


async def in_thread(work: Callable[..., T], *args: Any) -> T:
    """What `work` returns, called in another thread."""
    return await asyncio.get_running_loop().run_in_executor(None, work, *args)
