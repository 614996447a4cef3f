"""Ten thousand updates of every kind that Telegram sends, and of some that it does not."""

from __future__ import annotations

import asyncio
import gc
import itertools
import random
from collections import Counter
from html.parser import HTMLParser
from typing import Any, Callable, Dict, List, Optional

import telegram
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from agent.domain.access import Role
from alerts.bot.app import Bot
from alerts.bot.call import Person
from alerts.bot.data import LIMIT_BYTES
from alerts.bot.markup import CAPTION_LIMIT, TEXT_LIMIT, plain, units
from alerts.bot.registry import COMMANDS
from alerts.telegram.secrecy import Veil
from tests.fakes.changes import opened
from tests.fakes.lobby import GROUP, Lobby, lobby, private
from tests.fakes.pictures import jpeg

BATCH, BATCHES = 100, 100
MEASURED_EVERY = 10
TRIES, PEOPLE = 5, 20
KNOWN = {11: Role.ADMIN, 12: Role.VIEWER, 13: Role.ENROLLER, GROUP.id: Role.OPERATOR}
STRANGERS = [901, 902, 903, 904, -901, -902, 2**40]
TAGS = ("b", "i", "code", "a")


class Recorder:
    """The part of telegram.Bot that the bot uses; refuses what Telegram would."""

    username = "beffroi_bot"

    def __init__(self) -> None:
        self.sent: Counter[int] = Counter()
        self.refused: Counter[int] = Counter()
        self.answered: Counter[str] = Counter()
        self._numbers = itertools.count(1)

    async def send_message(self, chat: int, text: str, **fields: Any) -> telegram.Message:
        _check(text, TEXT_LIMIT)
        self.refused[chat] += "/start CODE" in text
        return self._message(chat, fields)

    async def send_photo(self, chat: int, photo: bytes, *, caption: str, **fields: Any) -> telegram.Message:
        assert photo
        _check(caption, CAPTION_LIMIT)
        return self._message(chat, fields)

    async def send_media_group(self, chat: int, media: List[Any], *, caption: str, **fields: Any) -> None:
        assert 2 <= len(media) <= 10
        _check(caption, CAPTION_LIMIT)
        self._message(chat, fields)

    async def edit_message_text(self, text: str, chat: int, message: int, **fields: Any) -> None:
        _check(text, TEXT_LIMIT)
        self._message(chat, fields)

    async def answer_callback_query(self, query: str, text: Optional[str]) -> None:
        assert text is None or 0 < units(text) <= 200
        self.answered[query] += 1

    async def set_my_commands(self, commands: List[Any], scope: Any = None) -> None:
        assert commands

    async def delete_my_commands(self, scope: Any) -> None:
        assert scope.chat_id

    async def get_file(self, file_id: str) -> Any:
        raise telegram.error.BadRequest(f"no file {file_id[:5]}")

    def _message(self, chat: int, fields: Dict[str, Any]) -> telegram.Message:
        markup = fields.get("reply_markup")
        for row in markup.inline_keyboard if markup else ():
            for button in row:
                assert button.text
                assert len(str(button.callback_data).encode()) <= LIMIT_BYTES
        self.sent[chat] += 1
        return telegram.Message(next(self._numbers), _DATE, telegram.Chat(chat, "private"))


_DATE = telegram.Message.de_json(
    {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}},
    None,
).date


class _Balance(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: List[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        assert tag in TAGS, tag
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _check(text: str, limit: int) -> None:
    assert units(plain(text)) <= limit
    balance = _Balance()
    balance.feed(text)
    assert balance.open == []


# What comes in

NASTY = st.sampled_from(
    [
        "\u202eevil\u202c",
        "שלום <b>",
        "مرحبا",
        "👩‍👩‍👧‍👦🔥",
        "</b></code>&amp;&lt;",
        "{name} {0} %s",
        "\x00\x1b[2J\ud83d",
        "a" * 4096,
        "🔥" * 2048,
        "\n" * 500,
        "x " * 10_000,
        "/" * 300,
    ]
)
WORDS = (
    "yard gate all object fire 1h 2d -1h 99999d mon-fri 18:00-07:00 a b !yes !lift !done ~0000000000 #1 "
    "11 12 -100 admin viewer on off fr nl klingon 5 999999999999999999999 AAAA-BBBB"
)
WORD = st.sampled_from(WORDS.split()) | st.text(max_size=12)
COMMAND = st.builds(
    lambda name, bot, words: f"/{name}{bot} {' '.join(words)}",
    st.sampled_from([each.name for each in COMMANDS] + ["statsu", "x", ""]),
    st.sampled_from(["", "", "", "@beffroi_bot", "@other_bot", "@"]),
    st.lists(WORD, max_size=4),
)
TEXT = COMMAND | NASTY | st.text(max_size=40)
ODD = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=4), st.just([]), st.just({}))
DATA = st.one_of(
    st.builds(
        lambda name, words: ":".join(["c", name, *words])[:64],
        st.sampled_from([each.name for each in COMMANDS]),
        st.lists(WORD, max_size=3),
    ),
    st.sampled_from(["ack:a", "false:a", "live:a", "hush:a", "ack:zzz", "hush:" + "x" * 59, "", "c:", ":::"]),
    st.text(max_size=64),
)
IDS = st.sampled_from([*KNOWN, *STRANGERS]) | st.integers(-(2**70), 2**70)
NAMES = NASTY | st.text(min_size=1, max_size=20)


USER = st.fixed_dictionaries(
    {
        "id": st.sampled_from([11, 12, 13, 901, 902, 903, 904]) | IDS,
        "is_bot": st.sampled_from([False] * 9 + [True]),
        "first_name": NAMES,
    },
    optional={"last_name": NAMES | ODD, "language_code": st.sampled_from(["en", "fr-BE", "nl", "tlh", 5])},
)
CHAT = st.one_of(
    st.sampled_from([11, 12, 13, 901, 902, 903, 904, 2**40]).map(
        lambda number: {"id": number, "type": "private", "first_name": "P"}
    ),
    st.sampled_from([GROUP.id, -901, -902]).map(
        lambda number: {"id": number, "type": "supergroup", "title": "G"}
    ),
    st.fixed_dictionaries(
        {"id": IDS | ODD, "type": st.sampled_from(["private", "group", "channel", "supergroup", "x", 5])},
        optional={"title": NAMES | ODD},
    ),
)
PARTS = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 2**32),
        "texts": st.lists(TEXT, min_size=8, max_size=16),
        "data": st.lists(DATA, min_size=4, max_size=8),
        "users": st.lists(USER, min_size=4, max_size=8),
        "chats": st.lists(CHAT, min_size=4, max_size=8),
        "odd": st.lists(ODD, min_size=4, max_size=8),
    }
)
"""What a batch is made of; Hypothesis drawing every update in full would take minutes."""

ORIGIN = {"type": "hidden_user", "date": 1, "sender_user_name": "x"}
BOT = {"id": 7, "is_bot": True, "first_name": "Beffroi"}
DOCUMENT = {"file_id": "d", "file_unique_id": "u", "mime_type": "image/png"}
STORY = {"chat": {"id": 1, "type": "private"}, "id": 3}


_queries = itertools.count()


class Composer:
    """Updates put together at random from parts."""

    def __init__(self, parts: Dict[str, Any]) -> None:
        self._parts = parts
        self._random = random.Random(parts["seed"])

    def update(self) -> Dict[str, Any]:
        kind = self._random.choices(
            ["message", "callback_query", "edited_message", "channel_post", "my_chat_member", "odd"],
            [60, 25, 4, 4, 5, 2],
        )[0]
        if kind == "callback_query":
            return {kind: self._query()}
        if kind == "my_chat_member":
            return {kind: self._membership()}
        return {"message": self._any("odd")} if kind == "odd" else {kind: self._message()}

    def _any(self, name: str) -> Any:
        return self._random.choice(self._parts[name])

    def _often(self, value: Any) -> Any:
        """The right type nearly always."""
        return self._any("odd") if self._random.random() < 0.03 else value

    def _message(self, depth: int = 0) -> Dict[str, Any]:
        message = {
            "message_id": self._often(self._random.randrange(1, 10**6)),
            "date": 1_767_225_600,
            "chat": self._often(self._any("chats")),
            "from": self._often(self._any("users")),
        }
        content = self._random.choices(["text", "photo", "document", "nothing"], [70, 15, 5, 10])[0]
        if content == "text":
            message["text"] = self._often(self._any("texts"))
        elif content == "photo":
            message["photo"] = [self._size() for _ in range(self._random.randrange(4))]
            message["caption"] = self._any("texts")
            message["media_group_id"] = "1"
        elif content == "document":
            message["document"] = DOCUMENT
        for name, make in self._rarities(depth).items():
            if self._random.random() < 0.02:
                message[name] = make()
        return message

    def _rarities(self, depth: int) -> Dict[str, Callable[[], Any]]:
        rarities: Dict[str, Callable[[], Any]] = {
            "forward_origin": lambda: ORIGIN,
            "sender_chat": lambda: self._any("chats"),
            "via_bot": lambda: self._any("users"),
            "edit_date": lambda: 1,
            "message_thread_id": lambda: self._often(7),
            "is_topic_message": lambda: True,
            "new_chat_members": lambda: [self._any("users")],
            "left_chat_member": lambda: self._any("users"),
            "story": lambda: STORY,
            "business_connection_id": lambda: "b",
            "is_automatic_forward": lambda: True,
            "new_chat_title": lambda: self._any("texts"),
        }
        if depth < 2:
            rarities["reply_to_message"] = lambda: self._message(depth + 1)
            rarities["pinned_message"] = lambda: self._message(depth + 1)
        return rarities

    def _size(self) -> Dict[str, Any]:
        size = self._random.choice([None, 1, 2**31])
        return {
            "file_id": self._often("f"),
            "file_unique_id": "u",
            "width": 1,
            "height": 1,
            "file_size": size,
        }

    def _query(self) -> Dict[str, Any]:
        query = {"id": f"q{next(_queries)}", "from": self._any("users"), "chat_instance": "1"}
        if self._random.random() < 0.95:
            query["message"] = self._message()
        if self._random.random() < 0.95:
            query["data"] = self._often(self._any("data"))
        return query

    def _membership(self) -> Dict[str, Any]:
        status = self._random.choice(["member", "left"])
        return {
            "chat": self._any("chats"),
            "from": self._any("users"),
            "date": 1,
            "old_chat_member": {"status": "left", "user": BOT},
            "new_chat_member": {"status": status, "user": BOT},
        }


def _parsed(item: Dict[str, Any]) -> Optional[telegram.Update]:
    """What the gateway hands on; it leaves out what the library cannot read."""
    try:
        return telegram.Update.de_json({"update_id": 1, **item}, None)
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
        return None


def _retained() -> int:
    """How many objects of ours and of the library are alive."""
    gc.collect()
    modules = Counter(str(type(thing).__module__).split(".")[0] for thing in gc.get_objects())
    return sum(modules[name] for name in ("agent", "alerts", "telegram"))


def test_no_update_brings_the_bot_down() -> None:
    recorder = Recorder()
    counts: List[int] = []
    handled: Counter[bool] = Counter()
    queries: List[str] = []
    batches = itertools.count(1)

    with lobby() as made:
        _furnish(made)
        bot = Bot(made.reception, Veil(["secret"]))
        loop = asyncio.new_event_loop()

        @settings(
            max_examples=BATCHES,
            database=None,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],  # a batch does not shrink in bearable time; the update is named below
            suppress_health_check=list(HealthCheck),
        )
        @given(PARTS, st.integers(0, 600))
        def feed(parts: Dict[str, Any], passes_s: int) -> None:
            composer = Composer(parts)
            items = [composer.update() for _ in range(BATCH)]
            loop.run_until_complete(_feed(items))
            made.clock.advance(passes_s)
            made.controls.calls.clear()
            _furnish(made)
            if next(batches) % MEASURED_EVERY == 0:
                counts.append(_retained())

        async def _feed(items: List[Dict[str, Any]]) -> None:
            for item in items:
                update = _parsed(item)
                handled[update is not None] += 1
                if update is None:
                    continue
                if isinstance(update.callback_query, telegram.CallbackQuery):
                    queries.append(update.callback_query.id)
                try:
                    await bot.on_update(recorder, update)  # type: ignore[arg-type]
                except Exception as error:
                    raise AssertionError(f"brought down by {item}") from error
            await bot.sweep(recorder)  # type: ignore[arg-type]

        try:
            feed()
        finally:
            bot.close()
            loop.close()
        entries = made.services.audit.latest(10**6)

    assert handled[True] + handled[False] >= BATCH * BATCHES
    assert handled[True] > 0.8 * BATCH * BATCHES
    assert [entry for entry in entries if entry.outcome == "failed" and entry.action != "selftest"] == []
    assert recorder.answered == Counter(queries)
    assert len(entries) > 500, "few updates were orders"
    hours = made.clock.monotonic() / 3600 + 1
    for chat in set(recorder.sent) - set(KNOWN):
        assert recorder.refused[chat] <= 1
        assert recorder.sent[chat] <= 1 + TRIES * PEOPLE * hours, "beside it, only tried codes are answered"
    assert max(counts[-3:]) <= 1.1 * max(counts[1:4])


def _furnish(made: Lobby) -> None:
    """The members as they were: some updates are orders that change them."""
    for chat, role in KNOWN.items():
        made.member(GROUP if chat < 0 else private(Person(chat, "P")), role)
    made.incident(opened("a"))
    made.controls.pictures["yard"] = jpeg()
