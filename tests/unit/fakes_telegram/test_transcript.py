"""A chat as text, for people to read."""

from __future__ import annotations

from typing import Any

from tests.fakes.clock import FakeClock
from tests.fakes.telegram.fixture import telegram_server
from tests.fakes.telegram.media import Upload
from tests.unit.fakes_telegram.client import picture, raw

_TRANSCRIPT = """\
── Brigade (supergroup) ──
00:00 #1 bot (loud) [photo 640x360]
      🔥 Fire at the Mill
      Open the map <https://example.org/map>
      [✓ Acknowledge] [✗ False alarm]
      [Live]
00:02 #2 bot (silent) ⟵ reply to #1
      Still burning
00:02 ☞ Marie Curie presses [✓ Acknowledge] below #1
      Marie Curie is told: Thank you
00:02 ✎ #1 has other buttons
      [Live]
00:02 ✎ #1 now says
      Acknowledged by Marie
00:02 ✎ #1 now says [photo 320x180]
      Acknowledged by Marie
      [Live]
00:02 ✎ #1 loses its buttons
00:02 #3-#4 bot (silent) [photo 640x360] [photo 320x180]
      The best frames
00:02 #5 bot (loud) [video clip.mp4]
00:02 #6 Marie Curie
      /status
00:02 #7 bot (loud) ⟵ reply to #6
      Which?
      ⌨ [North] [South]
00:02 #8 bot (loud)
      Fine
      ⌨ (gone)
00:02 ✗ #2 deleted
00:02 #9 Paul · new chat members
00:02 · Marie Curie removes the bot
"""

_VIEW = """\
── Brigade (supergroup) ──
00:00 #1 bot (loud) [photo 320x180] (edited 00:02)
      Acknowledged by Marie
00:02 #3-#4 bot (silent) [photo 640x360] [photo 320x180]
      The best frames
"""


def test_a_chat_reads_like_a_chat() -> None:
    clock = FakeClock()
    with telegram_server(clock) as server:
        marie = server.person("Marie Curie")
        chat = server.group("Brigade", marie, kind="supergroup")
        large, small = (
            server.world.files.add_photo(picture(*size)).file_id for size in ((640, 360), (320, 180))
        )
        film = server.world.files.add("video", Upload("clip.mp4", b"film", "video/mp4")).file_id
        live = [{"text": "Live", "callback_data": "live"}]
        both = [
            {"text": "✓ Acknowledge", "callback_data": "a"},
            {"text": "✗ False alarm", "callback_data": "f"},
        ]

        def call(method: str, **parameters: Any) -> Any:
            answer = raw(server, method, **parameters)
            assert answer["ok"], answer
            return answer["result"]

        def buttons(*rows: Any) -> Any:
            return {"inline_keyboard": rows}

        text = '🔥 <b>Fire</b> at the Mill\nOpen the <a href="https://example.org/map">map</a>'
        call(
            "sendPhoto",
            chat_id=chat.id,
            photo=large,
            caption=text,
            parse_mode="HTML",
            reply_markup=buttons(both, live),
        )
        clock.advance(120)
        reply = {"message_id": 1}
        call(
            "sendMessage",
            chat_id=chat.id,
            text="Still burning",
            disable_notification=True,
            reply_parameters=reply,
        )
        press = marie.presses("✓", to=chat)
        call("answerCallbackQuery", callback_query_id=press.query.id, text="Thank you")
        first = {"chat_id": chat.id, "message_id": 1}
        call("editMessageReplyMarkup", **first, reply_markup=buttons(live))
        call("editMessageCaption", **first, caption="Acknowledged by Marie")
        media = {"type": "photo", "media": small, "caption": "Acknowledged by Marie"}
        call("editMessageMedia", **first, media=media, reply_markup=buttons(live))
        call("editMessageReplyMarkup", **first)
        album = [
            {"type": "photo", "media": large, "caption": "The best frames"},
            {"type": "photo", "media": small},
        ]
        call("sendMediaGroup", chat_id=chat.id, media=album, disable_notification=True)
        call("sendVideo", chat_id=chat.id, video=film)
        marie.says("/status", to=chat)
        keyboard = {"keyboard": [[{"text": "North"}, {"text": "South"}]]}
        call(
            "sendMessage",
            chat_id=chat.id,
            text="Which?",
            reply_markup=keyboard,
            reply_parameters={"message_id": 6},
        )
        call("sendMessage", chat_id=chat.id, text="Fine", reply_markup={"remove_keyboard": True})
        call("deleteMessage", chat_id=chat.id, message_id=2)
        chat.welcomes(server.person("Paul"))
        chat.kicks_the_bot(marie)
        assert server.transcript(chat) == _TRANSCRIPT
        assert server.view(chat.id).startswith(_VIEW)
        channel = server.group("News", kind="channel")
        channel.posts("x")
        assert server.view(channel) == "── News (channel) ──\n00:02 #1 channel\n      x\n"
