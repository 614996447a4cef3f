"""What no correct client asks is refused, and remembered."""

from __future__ import annotations

import json
from typing import Any, Dict, Iterator

import httpx
import pytest

from tests.fakes.telegram import ApiError, TelegramServer
from tests.fakes.telegram.fixture import telegram_server
from tests.unit.fakes_telegram.client import picture, plain, raw


@pytest.fixture
def server() -> Iterator[TelegramServer]:
    """A server that may have been misused."""
    with TelegramServer() as server:
        yield server


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with plain() as client:
        yield client


_KEYBOARD: Dict[str, Any] = {"text": "Press", "callback_data": "x"}


@pytest.mark.parametrize(
    ("method", "parameters", "reason"),
    [
        ("sendMessage", {"text": "x"}, "parameter chat_id is missing"),
        ("sendMessage", {"chat_id": 1, "text": "x", "colour": "red"}, "parameter colour is unknown"),
        ("sendMessage", {"chat_id": "one", "text": "x"}, "chat_id: must be JSON"),
        ("sendMessage", {"chat_id": True, "text": "x"}, "chat_id: must be an Integer"),
        ("sendMessage", {"chat_id": 1, "text": 5}, "text: must be a String"),
        (
            "sendMessage",
            {"chat_id": 1, "text": "x", "parse_mode": "MarkdownV2"},
            "parse_mode: must be one of HTML",
        ),
        (
            "sendMessage",
            {"chat_id": 1, "text": "x", "disable_notification": "yes"},
            "disable_notification: must be JSON",
        ),
        ("sendMessage", {"chat_id": 1, "text": "x", "disable_notification": 1}, "must be a Boolean"),
        (
            "sendMessage",
            {"chat_id": 1, "text": "x", "reply_parameters": {}},
            "parameter message_id is missing",
        ),
        (
            "sendMessage",
            {"chat_id": 1, "text": "x", "reply_parameters": []},
            "reply_parameters: must be an object",
        ),
        ("sendPhoto", {"chat_id": 1, "photo": "attach://a"}, "photo: nothing is attached as a"),
        ("sendMediaGroup", {"chat_id": 1, "media": {}}, "media: must be an Array"),
        ("editMessageText", {"chat_id": 1, "text": "x"}, "message identifier is not specified"),
        ("setMyCommands", {"commands": [], "scope": {"type": "chat"}}, "scope chat takes"),
        ("setMyCommands", {"commands": [], "scope": {"type": "all"}}, "type: must be one of"),
    ],
)
def test_wrong_parameters(
    server: TelegramServer, method: str, parameters: Dict[str, Any], reason: str
) -> None:
    answer = raw(server, method, **parameters)
    assert (answer["ok"], answer["error_code"]) == (False, 400)
    assert reason in answer["description"]
    assert [reason in violation for violation in server.violations] == [True]
    assert server.calls(method)[0].status == 400


@pytest.mark.parametrize(
    ("keyboard", "reason", "misuse"),
    [
        ([[{**_KEYBOARD, "callback_data": "é" * 33}]], "BUTTON_DATA_INVALID", False),
        ([[{**_KEYBOARD, "callback_data": ""}]], "BUTTON_DATA_INVALID", False),
        ([[{"text": "Map", "url": "map"}]], "BUTTON_URL_INVALID", False),
        ([[{"text": "Press"}]], "must do exactly one thing", True),
        ([[{**_KEYBOARD, "url": "https://example.org"}]], "must do exactly one thing", True),
        ([[{**_KEYBOARD, "text": " "}]], "text is empty", True),
        ([[{"callback_data": "x"}]], "parameter text is missing", True),
        ([_KEYBOARD], "must be an Array", True),
    ],
)
def test_wrong_buttons(server: TelegramServer, keyboard: Any, reason: str, misuse: bool) -> None:
    marie = server.person("Marie")
    answer = raw(
        server, "sendMessage", chat_id=marie.id, text="x", reply_markup={"inline_keyboard": keyboard}
    )
    assert reason in answer["description"]
    assert bool(server.violations) == misuse
    assert marie.heard == []


def test_the_other_keyboards(telegram: TelegramServer) -> None:
    marie = telegram.person("Marie")
    for markup in (
        {"keyboard": [[{"text": "Yes"}, {"text": "No"}]], "resize_keyboard": True},
        {"remove_keyboard": True},
        {"force_reply": True, "input_field_placeholder": "name"},
    ):
        sent = raw(telegram, "sendMessage", chat_id=marie.id, text="x", reply_markup=markup)
        assert "reply_markup" not in sent["result"]
        refused = raw(
            telegram, "editMessageText", chat_id=marie.id, message_id=sent["result"]["message_id"], text="y"
        )
        assert refused["description"] == "Bad Request: message can't be edited"


def test_unknown_methods(server: TelegramServer) -> None:
    assert raw(server, "sendTelegram")["error_code"] == 404
    assert server.violations == ["sendTelegram: Not Found: method not found"]


def test_other_paths(telegram: TelegramServer, http: httpx.Client) -> None:
    for path in ("/", "/getMe", f"/file/bot{telegram.token}/photos/none.jpg"):
        assert http.get(telegram.url + path).status_code == 404


@pytest.mark.parametrize("encoding", ["query", "form", "multipart"])
def test_every_encoding(telegram: TelegramServer, http: httpx.Client, encoding: str) -> None:
    marie = telegram.person("Marie")
    url = f"{telegram.base_url}{telegram.token}/sendMessage"
    values = {"chat_id": str(marie.id), "text": "5", "disable_notification": "true"}
    if encoding == "query":
        http.get(url, params=values)
    elif encoding == "form":
        http.post(url, data=values)
    else:
        http.post(url, files={name: (None, value) for name, value in values.items()})
    assert (marie.last.text, marie.last.silent) == ("5", True)


def test_a_part_that_nothing_names_is_unknown(server: TelegramServer, http: httpx.Client) -> None:
    marie = server.person("Marie")
    media = json.dumps(
        [{"type": "photo", "media": "attach://one"}, {"type": "photo", "media": "attach://two"}]
    )
    files = {name: ("a.jpg", picture()) for name in ("one", "two", "three")}
    url = f"{server.base_url}{server.token}/sendMediaGroup"
    answer = http.post(url, data={"chat_id": str(marie.id), "media": media}, files=files).json()
    assert answer["description"] == "Bad Request: parameter three is unknown"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "message text is empty"),
        (" \n ", "message text is empty"),
        ("<b></b>", "message text is empty"),
        ("é" * 4097, "message is too long"),
        ("🔥" * 2049, "message is too long"),
        ("<b>x", "can't parse entities"),
    ],
)
def test_texts_that_are_refused(telegram: TelegramServer, text: str, reason: str) -> None:
    marie = telegram.person("Marie")
    assert (
        reason in raw(telegram, "sendMessage", chat_id=marie.id, text=text, parse_mode="HTML")["description"]
    )
    assert marie.heard == []


def test_lengths_at_the_limit(telegram: TelegramServer) -> None:
    marie = telegram.person("Marie")
    assert raw(
        telegram, "sendMessage", chat_id=marie.id, text="<b>" + "x" * 4096 + "</b>", parse_mode="HTML"
    )["ok"]
    photo = telegram.world.files.add_photo(picture()).file_id
    for length, ok in ((1024, True), (1025, False)):
        assert raw(telegram, "sendPhoto", chat_id=marie.id, photo=photo, caption="x" * length)["ok"] == ok


def test_whom_the_bot_may_answer(telegram: TelegramServer) -> None:
    marie = telegram.person("Marie")
    reply: Dict[str, Any] = {"chat_id": marie.id, "text": "x", "reply_parameters": {"message_id": 5}}
    assert (
        raw(telegram, "sendMessage", **reply)["description"] == "Bad Request: message to be replied not found"
    )
    reply["reply_parameters"] = {"message_id": 5, "allow_sending_without_reply": True}
    assert "reply_to_message" not in raw(telegram, "sendMessage", **reply)["result"]


def test_a_misuse_fails_the_test_of_it() -> None:
    with pytest.raises(AssertionError, match="colour"), telegram_server() as server:
        raw(server, "getMe", colour="red")


def test_what_breaks_the_fake_itself_is_seen(http: httpx.Client) -> None:
    with TelegramServer() as server:
        url = f"{server.base_url}{server.token}/getMe"
        answer = http.post(url, content=b"{", headers={"Content-Type": "application/json"})
        assert answer.status_code == 500
    assert "broke the fake server" in server.violations[0]


@pytest.mark.parametrize(
    ("method", "parameters", "reason"),
    [
        ("getFile", {"file_id": "none"}, "Bad Request: invalid file_id"),
        (
            "setMyCommands",
            {"commands": [{"command": "a", "description": "b"}] * 101},
            "BOT_COMMANDS_TOO_MUCH",
        ),
        (
            "setMyCommands",
            {"commands": [{"command": "a", "description": ""}]},
            "BOT_COMMAND_DESCRIPTION_INVALID",
        ),
        ("sendMediaGroup", {"media": [{"type": "animation", "media": "x"}] * 2}, "can't use the media"),
        (
            "sendMessage",
            {"text": "x", "reply_parameters": {"message_id": 1, "chat_id": 5}},
            "to another chat",
        ),
        (
            "sendMessage",
            {"text": "x", "reply_parameters": {"message_id": 1, "chat_id": "@a"}},
            "to another chat",
        ),
    ],
)
def test_other_refusals(server: TelegramServer, method: str, parameters: Dict[str, Any], reason: str) -> None:
    marie = server.person("Marie")
    to: Dict[str, Any] = {"chat_id": marie.id} if method.startswith("send") else {}
    assert reason in raw(server, method, **to, **parameters)["description"]


def test_a_long_word_to_who_pressed_is_refused(telegram: TelegramServer) -> None:
    marie = telegram.person("Marie")
    buttons = {"inline_keyboard": [[{"text": "Ack", "callback_data": "a"}]]}
    raw(telegram, "sendMessage", chat_id=marie.id, text="x", reply_markup=buttons)
    query = marie.presses("Ack").query
    refused = raw(telegram, "answerCallbackQuery", callback_query_id=query.id, text="x" * 201)
    assert refused["description"] == "Bad Request: MESSAGE_TOO_LONG"
    assert not query.answered


def test_files_beyond_the_limits(telegram: TelegramServer, monkeypatch: pytest.MonkeyPatch) -> None:
    marie = telegram.person("Marie")
    monkeypatch.setattr("tests.fakes.telegram.asking.DOWNLOAD_LIMIT", 3)
    file = marie.sends_file("a.txt", b"four").file
    assert file
    assert raw(telegram, "getFile", file_id=file.file_id)["description"] == "Bad Request: file is too big"
    large = telegram.world.files.add_photo(picture(3000, 1500))
    assert (large.width, large.height) == (2560, 1280)
    monkeypatch.setattr("tests.fakes.telegram.media.FILE_LIMIT", 3)
    with pytest.raises(ApiError, match="413 Request Entity Too Large"):
        marie.sends_file("a.txt", b"four")
