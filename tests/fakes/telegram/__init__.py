"""A fake Telegram Bot API server: a real HTTP server, strict, and ill on demand.

A test takes the fixture (offered by a conftest.py that has `from tests.fakes.telegram.fixture import
telegram`), or opens `telegram_server(clock)` of the same module in a `with` block, and lets the real
python-telegram-bot talk to it:

    Bot(telegram.token, base_url=telegram.base_url, base_file_url=telegram.base_file_url)

People and chats are played by the test. Every person has a private chat with the bot, whose chat_id is
`marie.id`:

    marie = telegram.person("Marie Curie", language="fr")
    brigade = telegram.group("Brigade", marie)               # kind="supergroup" or "channel"
    answer = marie.asks("/status")                            # waits for the bot's next message
    marie.says("/ack", to=brigade)                            # bots read little else in groups
    marie.sends_photo(jpeg, "me"); marie.sends_album([jpeg, jpeg]); marie.sends_file("a.jpg", jpeg)
    marie.says("x", forwarded_from=paul.user, reply_to=3); marie.edits(message, "y"); channel.posts("z")
    told = marie.presses("Acknowledge").wait_answer()         # on=message, to=brigade
    marie.presses_data("tampered", message)
    alert = brigade.wait_message("Fire", after=0, where=lambda message: not message.silent)
    alert.text, alert.buttons, alert.photo, alert.silent, alert.reply_to, alert.edited_at; brigade.last
    marie.blocks_the_bot(); marie.unblocks_the_bot(); marie.deletes_the_account(); brigade.is_deleted()
    brigade.kicks_the_bot(marie); brigade.adds_the_bot(marie); brigade.welcomes(paul); brigade.loses(paul)
    bigger = brigade.migrates(marie)
    telegram.push({"message": 5})                             # any update at all

What the bot did, with the seconds of the clock's monotonic time. `chat` is a chat_id, a Person or a
Group:

    telegram.calls("sendPhoto", chat=marie)                   # Call: method, at, params, status, error, ok
    telegram.wait_calls(3, "sendPhoto"); telegram.wait_taken(); telegram.wait_for(lambda: ...)
    telegram.rate(60, chat=brigade)                           # the most messages in any 60 s
    telegram.menu("fr", type="chat", chat_id=marie.id)        # {command: description}
    print(telegram.transcript(brigade)); print(telegram.view(brigade))
    assert telegram.violations == []                          # the fixture does, at the end

What goes wrong: a network's fault or the API's refusal, for the next `times` calls that match, None
being until `lift()` or the end of a `with` block:

    telegram.fails(too_many_requests(5), "sendPhoto", chat=brigade)
    telegram.fails(Broken(), ("sendMessage", "sendPhoto"), times=3)
    with telegram.fails(Dropped(after=True), times=None): ...
    hang = Hangs(); telegram.fails(hang, "sendMessage"); hang.wait_reached(); hang.release()
    with telegram.down(): ...                                 # refuses connections
    telegram.enforce_limits()                                 # 429: 1/s a chat, 20/min a group, 30/s

To see that the bot stays silent, let somebody who is answered write afterwards, and wait for that
answer.

"""

from tests.fakes.telegram.errors import (
    ApiError,
    bad_request,
    bot_blocked,
    conflict,
    forbidden,
    migrated,
    picture_refused,
    server_error,
    too_large,
    too_many_requests,
    unauthorized,
)
from tests.fakes.telegram.faults import Broken, Dropped, Garbled, Hangs, Script, Slow, Truncated
from tests.fakes.telegram.groups import Group
from tests.fakes.telegram.limits import busiest
from tests.fakes.telegram.people import Person
from tests.fakes.telegram.records import Call, Message, User
from tests.fakes.telegram.server import TOKEN, TelegramServer
from tests.fakes.telegram.talk import Press, Talk

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
    "User",
    "bad_request",
    "bot_blocked",
    "busiest",
    "conflict",
    "forbidden",
    "migrated",
    "picture_refused",
    "server_error",
    "too_large",
    "too_many_requests",
    "unauthorized",
]
