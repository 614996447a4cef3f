"""Sends and edits one chat's messages: the picture, else the text, never nothing."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Awaitable, Callable, Dict, List, Optional, Tuple, TypeVar

import structlog
import telegram
from telegram import InlineKeyboardMarkup, InputMediaPhoto, LinkPreviewOptions, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import BadRequest, TelegramError

from agent.errors import PermanentDeliveryError, TransientDeliveryError
from agent.ports import SnapshotRef
from alerts.telegram.pictures import Pictures
from alerts.telegram.secrecy import Veil
from alerts.telegram.trouble import ChatGoneError, ChatMovedError, MessageGoneError, verdict

log = structlog.get_logger(__name__)

T = TypeVar("T")

_TRIES_WHOLE, _TRIES_SMALL = 1, 2
_MOST_REMEMBERED = 1000


@dataclass(frozen=True)
class Letter:
    """What is to be seen: HTML, the picture above it, the buttons below it."""

    text: str
    picture: Optional[SnapshotRef] = None
    keyboard: Optional[InlineKeyboardMarkup] = None


@dataclass(frozen=True)
class Sent:
    """A message that arrived; `picture` is true where it is a photo with a caption."""

    message_id: int
    picture: bool


class Post:
    """Used on the gateway's loop only. Raises DeliveryError and its kinds in alerts.telegram.trouble.

    `doubt` is called where Telegram may be out of reach.
    """

    def __init__(self, pictures: Pictures, veil: Veil, doubt: Callable[[], None]) -> None:
        self._pictures = pictures
        self._veil = veil
        self._doubt = doubt
        self._failures: Dict[Tuple[int, str], int] = {}

    def line_is_new(self) -> None:
        """The connection was lost: pictures that failed on it get another chance on the next."""
        self._failures = {}

    async def send(
        self, bot: telegram.Bot, chat: int, letter: Letter, *, silent: bool, reply_to: Optional[int] = None
    ) -> Sent:
        """A new message, an answer to `reply_to` where that is still there."""
        answering = ReplyParameters(reply_to, allow_sending_without_reply=True) if reply_to else None
        picture = await self._picture(chat, letter.picture)
        if letter.picture is not None and picture is not None:
            request = bot.send_photo(
                chat,
                picture,
                caption=letter.text,
                parse_mode=ParseMode.HTML,
                reply_markup=letter.keyboard,
                disable_notification=silent,
                reply_parameters=answering,
            )
            photo = await self._with_picture(chat, letter.picture, request)
            if photo is not None:
                return Sent(photo.message_id, True)
        text = await self._ask(
            bot.send_message(
                chat,
                letter.text,
                parse_mode=ParseMode.HTML,
                reply_markup=letter.keyboard,
                disable_notification=silent,
                reply_parameters=answering,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )
        )
        return Sent(text.message_id, False)

    async def edit(self, bot: telegram.Bot, chat: int, message: Sent, letter: Letter) -> None:
        """Change a message; its picture stays where the letter has none. Raises MessageGoneError."""
        with suppress(_UnchangedError):
            await self._edit(bot, chat, message, letter)

    async def _edit(self, bot: telegram.Bot, chat: int, message: Sent, letter: Letter) -> None:
        number = message.message_id
        picture = await self._picture(chat, letter.picture) if message.picture else None
        if letter.picture is not None and picture is not None:
            media = InputMediaPhoto(picture, caption=letter.text, parse_mode=ParseMode.HTML)
            request = bot.edit_message_media(media, chat, number, reply_markup=letter.keyboard)
            if await self._with_picture(chat, letter.picture, request) is not None:
                return
        if message.picture:
            await self._ask(
                bot.edit_message_caption(
                    chat, number, caption=letter.text, parse_mode=ParseMode.HTML, reply_markup=letter.keyboard
                )
            )
            return
        await self._ask(
            bot.edit_message_text(
                letter.text,
                chat,
                number,
                parse_mode=ParseMode.HTML,
                reply_markup=letter.keyboard,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )
        )

    async def album(
        self, bot: telegram.Bot, chat: int, pictures: List[SnapshotRef], caption: str, reply_to: int
    ) -> None:
        """Several pictures as one silent answer; nothing where fewer than two can be read."""
        found = [await self._picture(chat, one) for one in pictures]
        media = [InputMediaPhoto(one) for one in found if one is not None]
        if len(media) > 1:
            await self._ask(
                bot.send_media_group(
                    chat,
                    media,
                    caption=caption,
                    parse_mode=ParseMode.HTML,
                    disable_notification=True,
                    reply_parameters=ReplyParameters(reply_to, allow_sending_without_reply=True),
                )
            )

    async def _picture(self, chat: int, snapshot: Optional[SnapshotRef]) -> Optional[bytes]:
        """The whole picture; a small one where the line or a proxy did not let it through; then none."""
        if snapshot is None:
            return None
        tries = self._failures.get((chat, snapshot.sha256), 0)
        if tries >= _TRIES_SMALL:
            return None
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, self._pictures.read, snapshot, tries >= _TRIES_WHOLE)

    async def _with_picture(self, chat: int, snapshot: SnapshotRef, request: Awaitable[T]) -> Optional[T]:
        """None where Telegram does not want the picture."""
        key = (chat, snapshot.sha256)
        try:
            answer = await self._ask(request)
        except TransientDeliveryError as error:
            if error.retry_after_s is not None:
                raise
            if len(self._failures) >= _MOST_REMEMBERED:
                self._failures.clear()
            self._failures[key] = self._failures.get(key, 0) + 1
            raise
        except PermanentDeliveryError as error:
            if isinstance(error, _NOT_THE_PICTURE):
                raise
            log.warning("Telegram does not take the picture, sending the text", chat=chat, error=str(error))
            return None
        self._failures.pop(key, None)
        return answer

    async def _ask(self, request: Awaitable[T]) -> T:
        try:
            return await request
        except TelegramError as error:
            if isinstance(error, BadRequest) and "not modified" in str(error).lower():
                raise _UnchangedError(str(error)) from None
            found = verdict(error, self._veil.strike)
            if isinstance(found, TransientDeliveryError) and found.retry_after_s is None:
                self._doubt()
            raise found from None


class _UnchangedError(PermanentDeliveryError):
    """The message says just that already."""


_NOT_THE_PICTURE = (ChatGoneError, ChatMovedError, MessageGoneError, _UnchangedError)
