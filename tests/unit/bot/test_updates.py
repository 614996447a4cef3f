"""Which updates say something, and which change nothing."""

from __future__ import annotations

from typing import Any, Dict

import pytest
from telegram import Update

from agent.domain.access import ChatKind
from alerts.bot.call import Person, Place
from alerts.bot.incoming import Membership, Moved, Orphaned, Pressed, Said, Shown
from alerts.bot.updates import read

ANNA = {"id": 11, "is_bot": False, "first_name": "Anna", "last_name": "Bell", "language_code": "nl"}
HOME = {"id": 11, "type": "private", "first_name": "Anna", "last_name": "Bell"}
GROUP = {"id": -100, "type": "supergroup", "title": "Brigade"}
PERSON, PLACE = Person(11, "Anna Bell", "nl"), Place(11, ChatKind.PRIVATE, "Anna Bell")


def message(**fields: Any) -> Dict[str, Any]:
    return {"message_id": 5, "date": 1_767_225_600, "chat": HOME, "from": ANNA, **fields}


def update(**fields: Any) -> Any:
    return read(Update.de_json({"update_id": 1, **fields}, None))


def sizes(*of: int) -> Any:
    return [
        {
            "file_id": f"f{size}",
            "file_unique_id": f"u{size}",
            "width": size,
            "height": size,
            "file_size": size,
        }
        for size in of
    ]


def test_a_text() -> None:
    assert update(message=message(text="/status")) == Said(PLACE, PERSON, "/status", 5)


def test_a_text_in_a_topic_of_a_group() -> None:
    said = update(message=message(text="x", chat=GROUP, message_thread_id=7, is_topic_message=True))
    assert said == Said(Place(-100, ChatKind.GROUP, "Brigade"), PERSON, "x", 5, 7)


def test_the_largest_size_of_a_photo() -> None:
    assert update(message=message(photo=sizes(90, 800))) == Shown(PLACE, PERSON, "f800", 5, 800)


def test_a_picture_that_was_sent_as_a_file() -> None:
    document = {"file_id": "d", "file_unique_id": "u", "mime_type": "image/jpeg"}
    assert update(message=message(document=document)) == Shown(PLACE, PERSON, "d", 5, None)
    assert update(message=message(document={**document, "mime_type": "application/pdf"})) is None


def test_a_press() -> None:
    query = {"id": "q", "from": ANNA, "chat_instance": "1", "data": "ack:a", "message": message(text="x")}
    assert update(callback_query=query) == Pressed(PLACE, PERSON, "ack:a", "q", 5, True)
    picture = {**query, "message": message(photo=sizes(90))}
    assert update(callback_query=picture) == Pressed(PLACE, PERSON, "ack:a", "q", 5, False)


def test_a_press_under_a_message_that_is_too_old() -> None:
    old = {"chat": HOME, "message_id": 5, "date": 0}
    query = {"id": "q", "from": ANNA, "chat_instance": "1", "data": "ack:a", "message": old}
    assert update(callback_query=query) == Pressed(PLACE, PERSON, "ack:a", "q", 5, False)


@pytest.mark.parametrize(
    "broken",
    [
        {"message": None},
        {"data": None, "game_short_name": "x"},
        {"data": ["x"]},
        {"from": {**ANNA, "is_bot": True}},
        {"message": message(chat={"id": -1, "type": "channel", "title": "x"})},
    ],
)
def test_a_press_that_says_nothing_is_still_answered(broken: Dict[str, Any]) -> None:
    query = {
        "id": "q",
        "from": ANNA,
        "chat_instance": "1",
        "data": "x",
        "message": message(text="x"),
        **broken,
    }
    assert update(callback_query=query) == Orphaned("q")


@pytest.mark.parametrize("key", ["edited_message", "channel_post", "edited_channel_post"])
def test_what_was_edited_or_posted_says_nothing(key: str) -> None:
    assert update(**{key: message(text="/status")}) is None


@pytest.mark.parametrize(
    "borrowed",
    [
        {"forward_origin": {"type": "user", "date": 1, "sender_user": ANNA}},
        {"via_bot": {**ANNA, "is_bot": True}},
        {"sender_chat": GROUP},
        {"sender_chat": {"id": -5, "type": "channel", "title": "x"}, "is_automatic_forward": True},
        {"from": {**ANNA, "is_bot": True}},
        {"from": None},
        {"chat": {"id": -5, "type": "channel", "title": "x"}},
        {"chat": {"id": 5, "type": "unheard-of"}},
        {"business_connection_id": "b"},
    ],
)
def test_words_that_are_not_a_persons_own_say_nothing(borrowed: Dict[str, Any]) -> None:
    fields = {key: value for key, value in message(text="/status", **borrowed).items() if value is not None}
    assert update(message=fields) is None


@pytest.mark.parametrize(
    "odd",
    [
        {"text": 5},
        {"text": None, "photo": []},
        {"text": None, "sticker": None},
        {"from": {**ANNA, "id": "x"}, "text": "x"},
        {"from": {**ANNA, "id": 2**70}, "text": "x"},
        {"message_id": "x", "text": "x"},
        {"text": None, "story": {"chat": HOME, "id": 1}},
    ],
)
def test_wrong_types_say_nothing(odd: Dict[str, Any]) -> None:
    fields = {key: value for key, value in message(**odd).items() if value is not None}
    assert update(message=fields) is None


def test_a_group_that_moves_is_said_in_both_chats() -> None:
    old = {"id": -7, "type": "group", "title": "Brigade"}
    assert update(message=message(chat=old, migrate_to_chat_id=-100)) == Moved(-7, -100)
    assert update(message=message(chat=GROUP, migrate_from_chat_id=-7)) == Moved(-7, -100)
    assert update(message=message(migrate_to_chat_id=-100)) is None


@pytest.mark.parametrize(
    ("status", "reachable"),
    [("member", True), ("administrator", True), ("left", False), ("kicked", False)],
)
def test_the_bot_is_let_in_or_out(status: str, reachable: bool) -> None:
    bot = {"id": 7, "is_bot": True, "first_name": "Beffroi"}
    extra: Dict[str, Any] = {"until_date": 0} if status == "kicked" else {}
    if status == "administrator":
        names = "be_edited is_anonymous manage_chat delete_messages manage_video_chats restrict_members"
        names += " promote_members change_info invite_users post_stories edit_stories delete_stories"
        extra = {name if name == "is_anonymous" else f"can_{name}": False for name in names.split()}
    change = {
        "chat": HOME,
        "from": ANNA,
        "date": 1,
        "old_chat_member": {"status": "left", "user": bot},
        "new_chat_member": {"status": status, "user": bot, **extra},
    }
    assert update(my_chat_member=change) == Membership(PLACE, PERSON, reachable)


def test_names_are_one_line_of_what_can_be_printed() -> None:
    person = {**ANNA, "first_name": "A\u202e\n\tB" + "x" * 500, "last_name": None}
    said = update(
        message=message(
            text="x", **{"from": {key: value for key, value in person.items() if value is not None}}
        )
    )
    assert said.person.name.startswith("A Bx")
    assert len(said.person.name) == 128
    nameless = {"id": 11, "is_bot": False, "first_name": "\u200b\u202e"}
    assert update(message=message(text="x", **{"from": nameless})).person.name == "11"
