"""getUpdates: what waits for the bot, at once or as soon as something comes."""

from __future__ import annotations

import asyncio
from typing import Any, List, Optional

from tests.fakes.telegram import kinds
from tests.fakes.telegram.errors import conflict
from tests.fakes.telegram.registry import Params, method
from tests.fakes.telegram.world import World

_MOST = 100


@method(
    "getUpdates",
    {},
    {
        "offset": kinds.integer,
        "limit": kinds.integer,
        "timeout": kinds.integer,
        "allowed_updates": kinds.array(kinds.string),
    },
)
def get_updates(world: World, params: Params) -> List[Any]:
    """Confirms everything before `offset` and returns what is left, without waiting."""
    if "allowed_updates" in params:
        world.allowed_updates = params["allowed_updates"]
    offset = params.get("offset", 0)
    if offset < 0:
        world.updates = world.updates[offset:]
    elif offset > 0:
        world.updates = [update for update in world.updates if update["update_id"] >= offset]
    world.changed.notify_all()
    return world.updates[: max(1, min(params.get("limit", _MOST), _MOST))]


class Polls:
    """The one long poll that may be open; lives on the server's loop."""

    def __init__(self) -> None:
        self._open: Optional[_Poll] = None

    async def wait(self, timeout_s: float) -> None:
        """Until something waits for the bot, or `timeout_s` of real time passed.

        Raises: ApiError (409) when another poll begins meanwhile.
        """
        self.supersede()
        poll = self._open = _Poll()
        try:
            await asyncio.wait_for(poll.woken.wait(), timeout_s)
        except asyncio.TimeoutError:
            return
        finally:
            if self._open is poll:
                self._open = None
        if poll.superseded:
            raise conflict()

    def supersede(self) -> None:
        """End the open poll: another one came."""
        if self._open:
            self._open.superseded = True
            self._open.woken.set()

    def wake(self) -> None:
        if self._open:
            self._open.woken.set()


class _Poll:
    def __init__(self) -> None:
        self.woken = asyncio.Event()
        self.superseded = False
