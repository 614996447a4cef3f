"""The bot on its loop: each update goes to the reception in a thread, what that says goes to the chat."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Callable, Iterator, Optional, Set, TypeVar

import structlog
import telegram

from agent.errors import BeffroiError, DeliveryError
from alerts.bot import menus
from alerts.bot.call import Reply
from alerts.bot.fetching import Fetching
from alerts.bot.incoming import Incoming, Membership, Moved, Orphaned, Photo, Pressed, Said, Shown
from alerts.bot.reception import Reception
from alerts.bot.registry import command
from alerts.bot.relay import relay
from alerts.bot.showing import Screen
from alerts.bot.spelling import typed
from alerts.bot.updates import read
from alerts.telegram.secrecy import Veil
from alerts.telegram.trouble import ChatGoneError, ChatMovedError

log = structlog.get_logger(__name__)

T = TypeVar("T")

_THREADS = 4
_SWEEP_S = 10.0


class Bot:
    """Give `on_start` and `on_update` to the gateway; `close` once that has ended."""

    def __init__(self, reception: Reception, veil: Veil) -> None:
        self._reception = reception
        self._veil = veil
        self._loop: Optional[asyncio.AbstractEventLoop] = None
        self._threads: Optional[ThreadPoolExecutor] = None
        self._fetching: Fetching
        self._sweeping = False
        self._tasks: Set[asyncio.Task[None]] = set()

    async def on_start(self, bot: telegram.Bot) -> None:
        """Show the menus, and begin to look after conversations. Raises TelegramError."""
        self._settle_in(bot)
        if not self._sweeping:
            self._sweeping = True
            self._begin(self._keep_sweeping(bot))
        try:
            await self._introduce(bot)
        except BeffroiError as error:
            # Alerts go out over the same connection: a full disk must not take that down.
            log.error("the bot is not introduced", error=self._veil.strike(str(error)))

    async def on_update(self, bot: telegram.Bot, update: telegram.Update) -> None:
        """Answer one update."""
        self._settle_in(bot)
        incoming = read(update)
        if incoming is None:
            return
        if isinstance(incoming, Said) and self._is_slow(incoming):
            self._begin(self._logged(self._answer(bot, incoming)))
        else:
            await self._answer(bot, incoming)

    async def sweep(self, bot: telegram.Bot) -> None:
        """End what ran out of time."""
        await self._show_all(bot, Screen(bot, self._veil, None), self._reception.sweep())

    def close(self) -> None:
        """Free the threads; those that still work end by themselves. Another `on_start` makes new ones."""
        threads, self._threads, self._loop = self._threads, None, None
        if threads is not None:
            threads.shutdown(wait=False)

    def _settle_in(self, bot: telegram.Bot) -> None:
        """The gateway may begin anew, on another loop; what belonged to the old one died with it."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self.close()
            self._loop = loop
            self._threads = ThreadPoolExecutor(_THREADS, "bot")
            self._sweeping = False
            self._tasks = set()
            self._fetching = Fetching(self._veil)
            self._reception.username = bot.username or ""

    async def _introduce(self, bot: telegram.Bot) -> None:
        await self._in_thread(self._reception.services.bot_name.put, self._reception.username)
        await menus.show_default(bot)
        for member in await self._in_thread(self._reception.services.members.all):
            if member.unreachable is None:
                await self._renew_menu(bot, member.chat)

    async def _answer(self, bot: telegram.Bot, incoming: Incoming) -> None:
        if isinstance(incoming, Orphaned):
            await Screen(bot, self._veil, None, query=incoming.query).answer_press()
        elif isinstance(incoming, Moved):
            await self._show_all(bot, Screen(bot, self._veil, None), self._reception.moved(incoming))
        elif isinstance(incoming, Membership):
            screen = Screen(bot, self._veil, incoming.place)
            await self._show_all(bot, screen, self._reception.membership(incoming))
        elif isinstance(incoming, Pressed):
            await self._press(bot, incoming)
        elif isinstance(incoming, Shown):
            await self._look(bot, incoming)
        else:
            await self._show_all(bot, _screen(bot, self._veil, incoming), self._reception.said(incoming))

    async def _press(self, bot: telegram.Bot, pressed: Pressed) -> None:
        screen = Screen(
            bot,
            self._veil,
            pressed.place,
            message=pressed.message,
            thread=pressed.thread,
            query=pressed.query,
            editable=pressed.editable,
        )
        try:
            await self._show_all(bot, screen, self._reception.pressed(pressed))
        finally:
            await screen.answer_press()

    async def _look(self, bot: telegram.Bot, shown: Shown) -> None:
        if await self._in_thread(self._reception.expects_photo, shown.place, shown.person):
            photo = Photo(shown, await self._fetching.fetch(bot, shown))
            await self._show_all(bot, _screen(bot, self._veil, shown), self._reception.shown(photo))

    async def _show_all(self, bot: telegram.Bot, screen: Screen, replies: Iterator[Reply]) -> None:
        try:
            await relay(replies, partial(self._show, bot, screen), self._in_thread)
        except DeliveryError as error:
            log.warning("an answer could not be shown", error=str(error))

    async def _show(self, bot: telegram.Bot, screen: Screen, reply: Reply) -> None:
        try:
            await screen.show(reply)
        except ChatGoneError as error:
            chat = screen.chat if reply.chat is None else reply.chat
            await self._in_thread(self._reception.services.members.unreachable, chat, error.why)
            raise
        except ChatMovedError as error:
            moved = Moved(screen.chat, error.new_chat)
            await self._in_thread(lambda: list(self._reception.moved(moved)))
            raise
        for chat in reply.menus:
            await self._renew_menu(bot, chat)

    async def _renew_menu(self, bot: telegram.Bot, chat: int) -> None:
        wanted = await self._in_thread(menus.menu_of, self._reception.services.members, chat)
        await menus.show(bot, self._veil, chat, wanted)

    async def _keep_sweeping(self, bot: telegram.Bot) -> None:
        while True:
            await asyncio.sleep(_SWEEP_S)
            await self._logged(self.sweep(bot))

    async def _logged(self, work: Any) -> None:
        """What goes wrong out of the gateway's sight is told here."""
        try:
            await work
        except Exception as error:  # noqa: BLE001 - the top of a task
            log.error("the bot could not do its work", traceback=self._veil.story(error))

    def _begin(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _is_slow(self, said: Said) -> bool:
        asked = typed(said.text, self._reception.username)
        found = command(asked.name) if asked is not None else None
        return found is not None and found.slow

    async def _in_thread(self, work: Callable[..., T], *arguments: Any) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, partial(work, *arguments))


def _screen(bot: telegram.Bot, veil: Veil, incoming: Said | Shown) -> Screen:
    return Screen(bot, veil, incoming.place, message=incoming.message, thread=incoming.thread)
