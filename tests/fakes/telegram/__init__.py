"""A fake Telegram Bot API server: a real HTTP server, strict, and ill on demand.

A test takes the fixture (import it in a conftest.py: `from tests.fakes.telegram.fixture import telegram`) or opens
a `TelegramServer(clock)` in a `with` block, and lets the real python-telegram-bot talk to it:

    Bot(telegram.token, base_url=telegram.base_url, base_file_url=telegram.base_file_url)

People and chats, played by the test. Every person has a private chat with the bot, `marie.id` is its chat_id:

    marie = telegram.person("Marie Curie", language="fr")
    brigade = telegram.group("Brigade", marie)                  # kind="supergroup" or "channel"
    answer = marie.asks("/status")                               # says it, waits for the bot's next message
    marie.says("/ack", to=brigade)
    marie.sends_photo(jpeg, "me"); marie.sends_album([jpeg, jpeg]); marie.sends_file("a.jpg", jpeg)
    marie.says("x", forwarded_from=paul.user, reply_to=3); marie.edits(message, "y"); channel.posts("z")
    toast = marie.presses("Acknowledge").wait_answer()           # on=message, to=brigade
    marie.presses_data("tampered", message)
    alert = brigade.wait_message("Fire", after=0, where=lambda m: not m.silent)
    alert.text, alert.buttons, alert.photo, alert.silent, alert.reply_to, alert.edited_at, brigade.last
    marie.blocks_the_bot(); marie.unblocks_the_bot(); marie.deletes_the_account()
    brigade.kicks_the_bot(); brigade.is_deleted(); bigger = brigade.migrates()
    telegram.push({"message": 5})                                # any update at all

What the bot did, with the seconds of the clock's monotonic time:

    telegram.calls("sendPhoto", chat=marie.id)                   # Call: method, at, params, status, error, result
    telegram.wait_calls(3, "sendPhoto"); telegram.wait_for(lambda: ...)
    telegram.rate(60, chat=brigade.id)                           # the most messages in any 60 s
    telegram.menu("fr", type="chat", chat_id=marie.id)           # names set with setMyCommands
    print(telegram.transcript(brigade)); print(telegram.view(brigade))
    assert telegram.violations == []                             # the fixture does, at the end

What goes wrong (`faults` are of the network, `errors` are the API's refusals), for the next `times` matching calls,
None being until `lift()` or the end of a `with` block:

    telegram.fails(too_many_requests(5), "sendPhoto", chat=brigade)
    telegram.fails(Broken(), ("sendMessage", "sendPhoto"), times=3)
    with telegram.fails(Dropped(after=True), times=None): ...
    hang = Hangs(); telegram.fails(hang, "sendMessage"); hang.wait_reached(); hang.release()
    with telegram.down(): ...                                    # refuses connections, same port afterwards
    telegram.enforce_limits()                                    # 429 above 1/s in a chat, 20/min in a group, 30/s
"""

from tests.fakes.telegram.errors import (
    ApiError,
    bad_request,
    conflict,
    forbidden,
    migrated,
    too_many_requests,
    unauthorized,
)
from tests.fakes.telegram.faults import Broken, Dropped, Garbled, Hangs, Script, Slow, Truncated
from tests.fakes.telegram.people import Group, Person, Press, Talk
from tests.fakes.telegram.server import TOKEN, TelegramServer
from tests.fakes.telegram.world import Call, Message

__all__ = [
    "TOKEN",
    "ApiError",
    "Broken",
    "Call",
    "Dropped",
    "Garbled",
    "Group",
    "Hangs",
    "Message",
    "Person",
    "Press",
    "Script",
    "Slow",
    "Talk",
    "TelegramServer",
    "Truncated",
    "bad_request",
    "conflict",
    "forbidden",
    "migrated",
    "too_many_requests",
    "unauthorized",
]
