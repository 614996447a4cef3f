"""Shows replies in a chat, through the library's bot."""

from __future__ import annotations

from typing import List, Optional, Tuple

import structlog
import telegram
from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    LinkPreviewOptions,
    ReplyParameters,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest, TelegramError

from agent.domain.access import ChatKind
from agent.errors import DeliveryError
from alerts.bot.call import Place, Reply, Rows
from alerts.bot.markup import CAPTION_LIMIT, TEXT_LIMIT, pieces
from alerts.telegram.secrecy import Veil
from alerts.telegram.trouble import ChatGoneError, verdict

log = structlog.get_logger(__name__)

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class Screen:
    """Where the answers to one update are shown. Raises DeliveryError where nothing can be shown there.

    `message` is what was written, or stands above the pressed button; `editable` where it may be changed.
    """

    def __init__(
        self,
        bot: telegram.Bot,
        veil: Veil,
        place: Optional[Place],
        *,
        message: Optional[int] = None,
        thread: Optional[int] = None,
        query: Optional[str] = None,
        editable: bool = False,
    ) -> None:
        self._bot = bot
        self._veil = veil
        self.chat = place.id if place else 0
        self._thread = thread
        self._query = query
        group = place is not None and place.kind is ChatKind.GROUP
        self._answered = message if group and query is None else None
        self._last = message if editable else None

    async def show(self, reply: Reply) -> None:
        """Everything that the reply holds."""
        await self.answer_press(reply.toast)
        chat = self.chat if reply.chat is None else reply.chat
        try:
            if reply.pictures:
                await self._pictures(chat, reply)
            elif reply.text:
                await self._text(chat, reply.text, reply.buttons, reply.edit)
        except TelegramError as error:
            raise verdict(error, self._veil.strike) from None

    async def answer_press(self, text: str = "") -> None:
        """End the waiting of who pressed; the first answer counts. Too late is no error."""
        query, self._query = self._query, None
        if query is None:
            return
        try:
            await self._bot.answer_callback_query(query, text or None)
        except (TelegramError, DeliveryError) as error:
            log.info("a press could not be answered", error=self._veil.strike(str(error)))

    async def _text(self, chat: int, text: str, buttons: Rows, edit: bool) -> None:
        parts = pieces(text, TEXT_LIMIT)
        if edit and self._last is not None and len(parts) == 1 and await self._edited(chat, text, buttons):
            return
        for number, part in enumerate(parts, 1):
            await self._say(chat, part, buttons if number == len(parts) else ())

    async def _edited(self, chat: int, text: str, buttons: Rows) -> bool:
        """False where there is nothing left to change."""
        try:
            await self._bot.edit_message_text(
                text,
                chat,
                self._last,
                parse_mode=ParseMode.HTML,
                reply_markup=_keyboard(buttons),
                link_preview_options=_NO_PREVIEW,
            )
        except BadRequest as error:
            return "not modified" in str(error).lower()
        return True

    async def _say(self, chat: int, text: str, buttons: Rows) -> None:
        sent = await self._bot.send_message(
            chat,
            text,
            parse_mode=ParseMode.HTML,
            reply_markup=_keyboard(buttons),
            link_preview_options=_NO_PREVIEW,
            reply_parameters=self._reply(chat),
            message_thread_id=self._thread,
        )
        self._last = sent.message_id

    async def _pictures(self, chat: int, reply: Reply) -> None:
        """The pictures with the beginning of the text, then the rest; where they are refused, the text."""
        caption, *rest = pieces(reply.text, CAPTION_LIMIT) or [""]
        buttons = reply.buttons if not rest and len(reply.pictures) == 1 else ()
        try:
            await self._send_pictures(chat, reply.pictures, caption, buttons)
        except BadRequest as error:
            if isinstance(verdict(error, self._veil.strike), ChatGoneError):
                raise
            log.warning("Telegram does not take a picture", error=self._veil.strike(str(error)))
            await self._text(chat, reply.text, reply.buttons, edit=False)
            return
        self._last = None
        if rest:
            await self._text(chat, "\n".join(rest), reply.buttons, edit=False)

    async def _send_pictures(
        self, chat: int, pictures: Tuple[bytes, ...], caption: str, buttons: Rows
    ) -> None:
        if len(pictures) == 1:
            await self._bot.send_photo(
                chat,
                pictures[0],
                caption=caption,
                parse_mode=ParseMode.HTML,
                reply_markup=_keyboard(buttons),
                reply_parameters=self._reply(chat),
                message_thread_id=self._thread,
            )
            return
        media: List[InputMediaPhoto] = [InputMediaPhoto(picture) for picture in pictures]
        await self._bot.send_media_group(
            chat,
            media,
            caption=caption,
            parse_mode=ParseMode.HTML,
            reply_parameters=self._reply(chat),
            message_thread_id=self._thread,
        )

    def _reply(self, chat: int) -> Optional[ReplyParameters]:
        """In a group it is said whom the bot answers."""
        if self._answered is None or chat != self.chat:
            return None
        return ReplyParameters(self._answered, allow_sending_without_reply=True)


def _keyboard(buttons: Rows) -> Optional[InlineKeyboardMarkup]:
    if not buttons:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(each.label, callback_data=each.data) for each in row] for row in buttons]
    )
