"""People, groups and channels as the bot meets them."""

from __future__ import annotations

from typing import Any, Dict, List

import pytest

from tests.fakes.clock import FakeClock
from tests.fakes.telegram import Person, TelegramServer
from tests.unit.fakes_telegram.client import picture, raw


@pytest.fixture
def marie(telegram: TelegramServer) -> Person:
    return telegram.person("Marie Curie", username="curie")


def _updates(server: TelegramServer, **parameters: Any) -> List[Dict[str, Any]]:
    """What waits for the bot, confirmed."""
    updates: List[Dict[str, Any]] = raw(server, "getUpdates", **parameters)["result"]
    if updates:
        raw(server, "getUpdates", offset=updates[-1]["update_id"] + 1)
    return updates


def _refusal(server: TelegramServer, chat: int) -> Dict[str, Any]:
    answer: Dict[str, Any] = raw(server, "sendMessage", chat_id=chat, text="x")
    assert not answer["ok"]
    return answer


def test_what_people_write(telegram: TelegramServer, marie: Person) -> None:
    paul = telegram.person("Paul")
    first = marie.says("/start 123")
    marie.says("no", reply_to=first.id, forwarded_from=paul.user)
    marie.edits(first, "/start 124")
    marie.sends_photo(picture(), "me")
    marie.sends_album([picture(), picture()], "us")
    marie.sends_file("a.jpg", picture())
    start, forwarded, edited, photo, one, two, file = _updates(telegram)
    assert start["message"]["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert forwarded["message"]["forward_origin"]["sender_user"]["first_name"] == "Paul"
    assert forwarded["message"]["reply_to_message"]["text"] == "/start 123"
    assert (edited["edited_message"]["text"], edited["edited_message"]["message_id"]) == (
        "/start 124",
        first.id,
    )
    assert photo["message"]["caption"] == "me"
    assert one["message"]["media_group_id"] == two["message"]["media_group_id"]
    assert file["message"]["document"]["file_name"] == "a.jpg"


def test_the_bot_reads_what_concerns_it_in_a_group(telegram: TelegramServer, marie: Person) -> None:
    brigade = telegram.group("Brigade", marie)
    asked = raw(telegram, "sendMessage", chat_id=brigade.id, text="Which?")["result"]["message_id"]
    for text in (
        "hello",
        "/status",
        "/status@beffroi_test_bot",
        "/status@another_bot",
        "@beffroi_test_bot hi",
    ):
        marie.says(text, to=brigade)
    marie.says("that one", to=brigade, reply_to=asked)
    marie.sends_photo(picture(), to=brigade)
    assert [update["message"]["text"] for update in _updates(telegram)] == [
        "/status",
        "/status@beffroi_test_bot",
        "@beffroi_test_bot hi",
        "that one",
    ]


def test_a_channel_posts_in_its_own_name(telegram: TelegramServer) -> None:
    telegram.group("News", kind="channel").posts("/status")
    (update,) = _updates(telegram)
    assert update["channel_post"]["sender_chat"]["title"] == "News"
    assert "from" not in update["channel_post"]


def test_a_person_who_blocks_the_bot(telegram: TelegramServer, marie: Person) -> None:
    marie.blocks_the_bot()
    assert _refusal(telegram, marie.id)["description"] == "Forbidden: bot was blocked by the user"
    marie.unblocks_the_bot()
    assert raw(telegram, "sendMessage", chat_id=marie.id, text="x")["ok"]
    changes = [update["my_chat_member"] for update in _updates(telegram)]
    statuses = [(one["old_chat_member"]["status"], one["new_chat_member"]["status"]) for one in changes]
    assert statuses == [("member", "kicked"), ("kicked", "member")]
    marie.deletes_the_account()
    assert _refusal(telegram, marie.id)["description"] == "Forbidden: user is deactivated"


def test_a_person_whom_the_bot_never_met(telegram: TelegramServer) -> None:
    paul = telegram.person("Paul", started=False)
    assert "can't initiate conversation" in _refusal(telegram, paul.id)["description"]
    paul.says("hello")
    assert raw(telegram, "sendMessage", chat_id=paul.id, text="x")["ok"]
    assert _refusal(telegram, 5)["description"] == "Bad Request: chat not found"


def test_a_group_the_bot_is_removed_from(telegram: TelegramServer, marie: Person) -> None:
    brigade = telegram.group("Brigade", marie, kind="supergroup")
    brigade.kicks_the_bot(marie)
    refusal = _refusal(telegram, brigade.id)["description"]
    assert refusal == "Forbidden: bot was kicked from the supergroup chat"
    brigade.adds_the_bot(marie)
    assert raw(telegram, "sendMessage", chat_id=brigade.id, text="x")["ok"]
    raw(telegram, "leaveChat", chat_id=brigade.id)
    assert "not a member of the supergroup" in _refusal(telegram, brigade.id)["description"]
    brigade.is_deleted()
    assert _refusal(telegram, brigade.id)["description"] == "Bad Request: chat not found"
    kinds = [next(key for key in update if key != "update_id") for update in _updates(telegram)]
    assert kinds == ["my_chat_member", "my_chat_member", "message"]


def test_people_come_and_go(telegram: TelegramServer, marie: Person) -> None:
    brigade = telegram.group("Brigade")
    brigade.welcomes(marie)
    assert raw(telegram, "getChatMember", chat_id=brigade.id, user_id=marie.id)["ok"]
    brigade.loses(marie)
    assert not raw(telegram, "getChatMember", chat_id=brigade.id, user_id=marie.id)["ok"]
    came, went = _updates(telegram)
    assert came["message"]["new_chat_members"][0]["id"] == marie.id
    assert went["message"]["left_chat_member"]["id"] == marie.id


def test_a_group_becomes_a_supergroup(telegram: TelegramServer, marie: Person) -> None:
    brigade = telegram.group("Brigade", marie)
    bigger = brigade.migrates(marie)
    refusal = _refusal(telegram, brigade.id)
    assert refusal["parameters"] == {"migrate_to_chat_id": bigger.id}
    assert refusal["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
    told_old, told_new = _updates(telegram)
    assert told_old["message"]["migrate_to_chat_id"] == bigger.id
    assert told_new["message"]["migrate_from_chat_id"] == brigade.id
    assert raw(telegram, "sendMessage", chat_id=bigger.id, text="x")["result"]["chat"]["type"] == "supergroup"


def test_presses_of_any_kind(telegram: TelegramServer, marie: Person) -> None:
    buttons = {"inline_keyboard": [[{"text": "Acknowledge", "callback_data": "ack"}]]}
    for text in ("old", "new"):
        raw(telegram, "sendMessage", chat_id=marie.id, text=text, reply_markup=buttons)
    old, new = marie.heard
    marie.presses("Ack")
    marie.presses("Ack", on=old)
    marie.presses_data("rubbish", new)
    pressed = [update["callback_query"] for update in _updates(telegram)]
    assert [(one["message"]["text"], one["data"]) for one in pressed] == [
        ("new", "ack"),
        ("old", "ack"),
        ("new", "rubbish"),
    ]


def test_only_what_was_asked_for_is_queued(telegram: TelegramServer, marie: Person) -> None:
    raw(telegram, "getUpdates", allowed_updates=["message"])
    first = marie.says("one")
    marie.edits(first, "two")
    odd = telegram.push({"edited_message": 5})
    assert [update["update_id"] for update in _updates(telegram)][-1] == odd
    raw(telegram, "getUpdates", allowed_updates=[])
    marie.edits(first, "three")
    assert len(_updates(telegram)) == 1


def test_waiting_in_vain_says_what_was_heard(telegram: TelegramServer, marie: Person) -> None:
    raw(telegram, "sendMessage", chat_id=marie.id, text="something else")
    with pytest.raises(AssertionError, match="something else"):
        marie.wait_message("Fire", timeout_s=0.01)
    with pytest.raises(AssertionError, match="sendMessage"):
        telegram.wait_for(lambda: False, timeout_s=0.01)
    telegram.forget_calls()
    assert telegram.calls() == []


def test_old_presses_and_messages_are_out_of_reach() -> None:
    clock = FakeClock()
    with TelegramServer(clock) as server:
        marie = server.person("Marie")
        buttons = {"inline_keyboard": [[{"text": "Ack", "callback_data": "ack"}]]}
        sent = raw(server, "sendMessage", chat_id=marie.id, text="x", reply_markup=buttons)["result"]
        press = marie.presses("Ack")
        clock.advance(49 * 3600)
        answer = raw(server, "answerCallbackQuery", callback_query_id=press.query.id)
        assert "query is too old" in answer["description"]
        deleted = raw(server, "deleteMessage", chat_id=marie.id, message_id=sent["message_id"])
        assert deleted["description"] == "Bad Request: message can't be deleted for everyone"
