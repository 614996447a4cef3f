"""What the real python-telegram-bot gets from the fake server when all is well."""

from __future__ import annotations

import asyncio
from typing import Any, Callable, List, Tuple

import pytest
from telegram import (
    Bot,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    InputMediaVideo,
    LinkPreviewOptions,
    ReplyParameters,
    Update,
)
from telegram.constants import ChatAction, ChatMemberStatus
from telegram.error import BadRequest
from telegram.ext import Application, CallbackQueryHandler, CommandHandler, MessageHandler, filters
from telegram.request import HTTPXRequest

from tests.fakes.telegram import TelegramServer
from tests.unit.fakes_telegram.client import picture, with_bot

_BUTTONS = InlineKeyboardMarkup(
    [
        [
            InlineKeyboardButton("✓ Acknowledge", callback_data="ack:1"),
            InlineKeyboardButton("✗ False", callback_data="no:1"),
        ]
    ]
)


async def _in_thread(work: Callable[..., Any], *arguments: Any) -> Any:
    return await asyncio.get_running_loop().run_in_executor(None, lambda: work(*arguments))


def test_a_text_arrives_with_its_entities_buttons_and_reply(telegram: TelegramServer) -> None:
    marie = telegram.person("Marie Curie")
    asked = marie.says("/status")

    async def work(bot: Bot) -> Any:
        return await bot.send_message(
            marie.id,
            "🔥 <b>Fire</b> &amp; <i>smoke</i>\n",
            parse_mode="HTML",
            reply_markup=_BUTTONS,
            disable_notification=True,
            protect_content=True,
            message_thread_id=7,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
            reply_parameters=ReplyParameters(asked.id),
        )

    message = with_bot(telegram, work)
    assert message.text == "🔥 Fire & smoke"
    assert message.text_html == "🔥 <b>Fire</b> &amp; <i>smoke</i>"
    assert (message.from_user.is_bot, message.chat.id, message.chat.type) == (True, marie.id, "private")
    assert message.reply_to_message.text == "/status"
    assert message.reply_markup == _BUTTONS
    assert (message.has_protected_content, message.message_thread_id) == (True, 7)
    assert marie.last.silent
    assert marie.last.buttons == ["✓ Acknowledge", "✗ False"]
    assert telegram.calls("sendMessage", chat=marie)[0].ok


def test_a_photo_goes_up_and_comes_down(telegram: TelegramServer) -> None:
    marie = telegram.person("Marie")
    sent = picture(1280, 720)

    async def work(bot: Bot) -> Tuple[Any, bytes, bytes]:
        message = await bot.send_photo(marie.id, sent, caption="<code>cam</code>", parse_mode="HTML")
        again = await bot.send_photo(marie.id, message.photo[-1].file_id)
        big = await (await bot.get_file(again.photo[-1])).download_as_bytearray()
        small = await (await bot.get_file(again.photo[0])).download_as_bytearray()
        return message, bytes(big), bytes(small)

    message, big, small = with_bot(telegram, work)
    assert [(size.width, size.height) for size in message.photo] == [
        (90, 51),
        (320, 180),
        (800, 450),
        (1280, 720),
    ]
    assert message.caption_html == "<code>cam</code>"
    assert big == sent == marie.last.photo
    assert len(small) < len(sent)


def test_an_album_is_several_messages_of_one_group(telegram: TelegramServer) -> None:
    marie = telegram.person("Marie")

    async def work(bot: Bot) -> Any:
        media: List[Any] = [
            InputMediaPhoto(picture(), caption="one"),
            InputMediaPhoto(picture()),
            InputMediaVideo(b"film", width=4, height=3),
        ]
        with pytest.raises(BadRequest, match=r"(?i)from 2 to 10"):
            await bot.send_media_group(marie.id, media[:1])
        return await bot.send_media_group(marie.id, media)

    messages = with_bot(telegram, work)
    assert len({message.media_group_id for message in messages}) == 1
    assert [bool(message.photo) for message in messages] == [True, True, False]
    assert messages[2].video.width == 4
    assert [message.text for message in marie.heard] == ["one", "", ""]


def test_films_and_files(telegram: TelegramServer) -> None:
    marie = telegram.person("Marie")

    async def work(bot: Bot) -> Any:
        film: Any = await bot.send_video(
            marie.id, b"film", duration=5, width=640, height=360, filename="clip.mp4"
        )
        moving = await bot.send_animation(marie.id, b"gif", caption="x")
        file: Any = await bot.send_document(marie.id, b"text", filename="report.csv")
        with pytest.raises(BadRequest, match=r"(?i)can't use file of type Document as Video"):
            await bot.send_video(marie.id, file.document.file_id)
        assert await bot.send_chat_action(marie.id, ChatAction.UPLOAD_PHOTO)
        return film.video.file_name, bool(moving.animation), file.document.file_name

    assert with_bot(telegram, work) == ("clip.mp4", True, "report.csv")


def test_messages_are_edited_as_a_whole(telegram: TelegramServer) -> None:
    marie = telegram.person("Marie")

    async def work(bot: Bot) -> None:
        text = await bot.send_message(marie.id, "Fire", reply_markup=_BUTTONS)
        edited: Any = await bot.edit_message_text("Fire, acknowledged", marie.id, text.message_id)
        assert edited.edit_date
        assert marie.message(text.message_id).buttons == []  # an edit without buttons takes them away
        with pytest.raises(BadRequest, match=r"(?i)not modified"):
            await bot.edit_message_text("Fire, acknowledged", marie.id, text.message_id)
        await bot.edit_message_reply_markup(marie.id, text.message_id, reply_markup=_BUTTONS)
        assert len(marie.message(text.message_id).buttons) == 2
        photo = await bot.send_photo(marie.id, picture(), caption="one")
        await bot.edit_message_caption(marie.id, photo.message_id, caption="two")
        await bot.edit_message_media(
            InputMediaPhoto(picture(320, 180), caption="three"), marie.id, photo.message_id
        )
        assert marie.last.text == "three"
        assert marie.last.photo == picture(320, 180)
        with pytest.raises(BadRequest, match=r"(?i)no text in the message"):
            await bot.edit_message_text("x", marie.id, photo.message_id)
        with pytest.raises(BadRequest, match=r"(?i)no caption in the message"):
            await bot.edit_message_caption(marie.id, text.message_id, caption="x")
        with pytest.raises(BadRequest, match=r"(?i)message to edit not found"):
            await bot.edit_message_text("x", marie.id, 999)
        with pytest.raises(BadRequest, match=r"(?i)can't be edited"):
            await bot.edit_message_text("x", marie.id, marie.says("mine").id)
        assert await bot.delete_message(marie.id, photo.message_id)
        with pytest.raises(BadRequest, match=r"(?i)message to delete not found"):
            await bot.delete_message(marie.id, photo.message_id)

    with_bot(telegram, work)


def test_updates_are_confirmed_by_the_offset(telegram: TelegramServer) -> None:
    marie = telegram.person("Marie", language="fr")

    async def work(bot: Bot) -> None:
        for text in ("one", "two", "three"):
            marie.says(text)
        first = await bot.get_updates(limit=2)
        again = await bot.get_updates()
        assert [update.message.text for update in first if update.message] == ["one", "two"]
        assert [update.message.text for update in again if update.message] == ["one", "two", "three"]
        assert first[0].effective_user
        assert first[0].effective_user.language_code == "fr"
        rest = await bot.get_updates(offset=first[1].update_id + 1)
        assert [update.message.text for update in rest if update.message] == ["three"]
        assert len(await bot.get_updates(offset=-1)) == 1
        await bot.get_updates(offset=rest[-1].update_id + 1)
        telegram.wait_taken()
        marie.says("four")
        await bot.delete_webhook(drop_pending_updates=True)
        assert await bot.get_updates(allowed_updates=["callback_query"]) == ()
        marie.says("not asked for")
        assert await bot.get_updates() == ()

    with_bot(telegram, work)


def test_a_long_poll_wakes_for_an_update(telegram: TelegramServer) -> None:
    marie = telegram.person("Marie")

    async def work(bot: Bot) -> Any:
        poll = asyncio.ensure_future(bot.get_updates(timeout=60, read_timeout=60))
        await _in_thread(telegram.wait_for, lambda: telegram.calls("getUpdates"))
        marie.says("now")
        return await poll

    assert with_bot(telegram, work)[0].message.text == "now"


def test_a_press_is_told_and_answered_once(telegram: TelegramServer) -> None:
    marie = telegram.person("Marie")

    async def work(bot: Bot) -> None:
        await bot.send_message(marie.id, "Fire", reply_markup=_BUTTONS)
        press = marie.presses("Acknowledge")
        (update,) = await bot.get_updates()
        query: Any = update.callback_query
        assert (query.data, query.message.text, query.from_user.id) == ("ack:1", "Fire", marie.id)
        await query.answer("Thank you", show_alert=True)
        assert press.wait_answer() == "Thank you"
        assert press.query.alert
        with pytest.raises(BadRequest, match=r"(?i)query is too old"):
            await query.answer("again")
        with pytest.raises(AssertionError, match=r"(?i)no button"):
            marie.presses("Silence")

    with_bot(telegram, work)


def test_menus_per_scope_and_language(telegram: TelegramServer) -> None:
    marie = telegram.person("Marie")

    async def work(bot: Bot) -> None:
        here = BotCommandScopeChat(marie.id)
        await bot.set_my_commands([("status", "State")])
        await bot.set_my_commands([("status", "État"), ("ack", "Vu")], scope=here, language_code="fr")
        assert [one.description for one in await bot.get_my_commands(here, "fr")] == ["État", "Vu"]
        assert telegram.menu() == {"status": "State"}
        assert telegram.menu("fr", type="chat", chat_id=marie.id) == {"status": "État", "ack": "Vu"}
        await bot.delete_my_commands(here, "fr")
        assert telegram.menu("fr", type="chat", chat_id=marie.id) == {}
        for wrong in ("Status", "très"):
            with pytest.raises(BadRequest, match=r"(?i)BOT_COMMAND_INVALID"):
                await bot.set_my_commands([(wrong, "x")])
        with pytest.raises(BadRequest, match=r"(?i)invalid language code"):
            await bot.set_my_commands([], language_code="french")
        with pytest.raises(BadRequest, match=r"(?i)chat not found"):
            await bot.set_my_commands([], scope=BotCommandScopeChat(5))

    with_bot(telegram, work)


def test_who_is_where(telegram: TelegramServer) -> None:
    marie = telegram.person("Marie", username="curie")
    channel = telegram.group("The News", kind="channel")
    brigade = telegram.group("Brigade", marie)

    async def work(bot: Bot) -> None:
        assert (await bot.get_me()).username == "beffroi_test_bot"
        assert (await bot.get_chat("@thenews")).id == channel.id
        assert (await bot.get_chat(marie.id)).username == "curie"
        member = await bot.get_chat_member(brigade.id, marie.id)
        assert (member.status, member.user.first_name) == (ChatMemberStatus.MEMBER, "Marie")
        with pytest.raises(BadRequest, match=r"(?i)user not found"):
            await bot.get_chat_member(brigade.id, 5)
        assert await bot.leave_chat(brigade.id)
        with pytest.raises(BadRequest, match=r"(?i)private chats"):
            await bot.leave_chat(marie.id)

    with_bot(telegram, work)


def test_a_whole_application_polls_and_answers(telegram: TelegramServer) -> None:
    marie = telegram.person("Marie")
    album: List[bytes] = []

    async def status(update: Update, _: Any) -> None:
        assert update.message
        await update.message.reply_text("All is well", reply_markup=_BUTTONS)

    async def pressed(update: Update, _: Any) -> None:
        assert update.callback_query
        await update.callback_query.answer("Noted")

    async def seen(update: Update, _: Any) -> None:
        assert update.message
        album.append(bytes(await (await update.message.photo[-1].get_file()).download_as_bytearray()))
        if len(album) == 2:
            await update.message.reply_text("Two pictures")

    async def run() -> None:
        builder = Application.builder().token(telegram.token).base_url(telegram.base_url)
        app: Any = builder.base_file_url(telegram.base_file_url).build()
        app.add_handlers(
            [
                CommandHandler("status", status),
                CallbackQueryHandler(pressed),
                MessageHandler(filters.PHOTO, seen),
            ]
        )
        await app.initialize()
        await app.start()
        await app.updater.start_polling(timeout=30)
        assert (await _in_thread(marie.asks, "/status")).text == "All is well"
        assert await _in_thread(marie.presses("Acknowledge").wait_answer) == "Noted"
        marie.sends_album([picture(), picture(320, 240)], "me")
        await _in_thread(marie.wait_message, "Two pictures")
        await app.updater.stop()
        await app.stop()
        await app.shutdown()

    asyncio.run(run())
    assert sorted(album) == sorted([picture(), picture(320, 240)])
    assert [call for call in telegram.calls() if call.status not in (200, None)] == []


def test_it_is_its_own_proxy(telegram: TelegramServer) -> None:
    marie = telegram.person("Marie")
    request = HTTPXRequest(proxy=telegram.url)

    async def work(bot: Bot) -> Any:
        async with request:
            return await bot.send_message(marie.id, "through the proxy")

    with_bot(telegram, work, base_url="http://api.telegram.test/bot", request=request)
    assert marie.last.text == "through the proxy"
