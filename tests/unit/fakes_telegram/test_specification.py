"""The fake Telegram against the Bot API's specification, where that is at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List

import pytest

from tests.fakes.telegram import TelegramServer
from tests.fakes.telegram.media import Upload
from tests.fakes.telegram.registry import METHODS
from tests.unit.fakes_telegram.client import picture, raw

_FILE = Path(__file__).parents[3].parent / "shared/specs/telegram-bot-api.json"
_PLAIN = {"Integer": int, "String": str, "Boolean": bool, "True": bool, "Float": float}

Spec = Dict[str, Any]


@pytest.fixture(scope="module")
def specification() -> Spec:
    if not _FILE.exists():
        pytest.skip(f"the Bot API's specification is not at {_FILE}")
    spec: Spec = json.loads(_FILE.read_text())
    return spec


@pytest.mark.parametrize("name", sorted(METHODS))
def test_parameters_are_those_of_the_specification(specification: Spec, name: str) -> None:
    fields = {field["name"]: field["required"] for field in specification["methods"][name].get("fields", [])}
    method = METHODS[name]
    known = {**dict.fromkeys(method.required, True), **dict.fromkeys(method.optional, False)}
    assert {parameter: fields.get(parameter) for parameter in known} == known
    assert {parameter for parameter, required in fields.items() if required} <= set(method.required)


def test_answers_have_the_shapes_of_the_specification(specification: Spec, telegram: TelegramServer) -> None:
    _use_everything(telegram)
    calls = [call for call in telegram.calls() if call.ok]
    assert {call.method for call in calls} == set(METHODS)
    problems: List[str] = []
    for call in calls:
        returns = specification["methods"][call.method]["returns"]
        problems += _problems(specification, call.result, returns, call.method)
    assert problems == []


def test_refusals_have_the_shape_of_the_specification(specification: Spec, telegram: TelegramServer) -> None:
    marie = telegram.person("Marie")
    brigade = telegram.group("Brigade", marie)
    brigade.migrates(marie)
    answer = raw(telegram, "sendMessage", chat_id=brigade.id, text="x")
    assert set(answer) == {"ok", "error_code", "description", "parameters"}
    assert _problems(specification, answer["parameters"], ["ResponseParameters"], "parameters") == []


def test_the_check_itself_finds_what_is_wrong(specification: Spec) -> None:
    def found(value: Any, *types: str) -> List[str]:
        return _problems(specification, value, list(types), "x")

    good = {"id": 1, "is_bot": True, "first_name": "M"}
    assert found(good, "User") == []
    assert found({**good, "colour": 1}, "User") == ["x.colour is not in User"]
    assert found({"id": 1, "is_bot": True}, "User") == ["x.first_name of User is missing"]
    assert found({**good, "id": True}, "User") == ["x.id: True is no Integer"]
    assert found([good, 5], "Array of User") == ["x[1]: 5 is no User"]
    assert found(5, "Message", "Boolean") == ["x: 5 is no Message; x: 5 is no Boolean"]
    assert found({}, "Array of User") == ["x: {} is no Array of User"]


def _problems(spec: Spec, value: Any, types: List[str], path: str) -> List[str]:
    """What keeps `value` from being any of `types`."""
    tried = [_problems_of_one(spec, value, name, path) for name in types]
    return [] if any(not found for found in tried) else ["; ".join(why for found in tried for why in found)]


def _problems_of_one(spec: Spec, value: Any, name: str, path: str) -> List[str]:
    wrong = [f"{path}: {value!r} is no {name}"]
    if name in _PLAIN:
        right = isinstance(value, _PLAIN[name]) and (name != "Integer" or not isinstance(value, bool))
        return [] if right else wrong
    if name.startswith("Array of "):
        if not isinstance(value, list):
            return wrong
        inner = [name[len("Array of ") :]]
        return [
            why
            for number, item in enumerate(value)
            for why in _problems(spec, item, inner, f"{path}[{number}]")
        ]
    kind = spec["types"][name]
    if kind.get("subtypes"):
        return _problems(spec, value, kind["subtypes"], path)
    if not isinstance(value, dict):
        return wrong
    fields = {field["name"]: field for field in kind.get("fields", [])}
    found = [f"{path}.{key} is not in {name}" for key in value if key not in fields]
    found += [
        f"{path}.{key} of {name} is missing"
        for key, field in fields.items()
        if field["required"] and key not in value
    ]
    for key in fields:
        if key in value:
            found += _problems(spec, value[key], fields[key]["types"], f"{path}.{key}")
    return found


def _use_everything(server: TelegramServer) -> None:
    """Every method once, after everything that people can do."""
    marie, paul = server.person("Marie Curie", username="curie", language="fr"), server.person("Paul")
    brigade = server.group("Brigade", marie)
    channel = server.group("News", kind="channel")
    photo = server.world.files.add_photo(picture()).file_id
    film = server.world.files.add("video", Upload("a.mp4", b"film", "video/mp4"), (4, 3), 2).file_id
    gif = server.world.files.add("animation", Upload("a.gif", b"gif", "image/gif"), (4, 3), 2).file_id
    file = server.world.files.add("document", Upload("a.csv", b"text", "text/csv")).file_id

    def call(method: str, chat: Any = None, **parameters: Any) -> Any:
        to = {"chat_id": chat.id} if chat else {}
        answer = raw(server, method, **{**to, **parameters})
        assert answer["ok"], (method, answer)
        return answer["result"]

    buttons = {
        "inline_keyboard": [[{"text": "Ack", "callback_data": "a"}, {"text": "Map", "url": "https://x.org"}]]
    }
    asked = marie.says("/status", to=brigade)
    text = call(
        "sendMessage",
        brigade,
        text='<b>Fire</b> <a href="https://x.org">map</a>',
        parse_mode="HTML",
        reply_markup=buttons,
        reply_parameters={"message_id": asked.id},
        protect_content=True,
        message_thread_id=3,
    )
    shown = call("sendPhoto", brigade, photo=photo, caption="x", reply_markup=buttons)
    call("sendMediaGroup", marie, media=[{"type": "photo", "media": photo}, {"type": "video", "media": film}])
    call("sendVideo", marie, video=film)
    call("sendAnimation", marie, animation=gif)
    call("sendDocument", marie, document=file)
    call("sendChatAction", marie, action="typing")
    press = marie.presses("Ack", to=brigade)
    call("answerCallbackQuery", callback_query_id=press.query.id, text="Thank you")
    call("editMessageText", brigade, message_id=text["message_id"], text="y")
    call("editMessageCaption", brigade, message_id=shown["message_id"], caption="y")
    call("editMessageMedia", brigade, message_id=shown["message_id"], media={"type": "photo", "media": photo})
    call("editMessageReplyMarkup", brigade, message_id=shown["message_id"], reply_markup=buttons)
    call("deleteMessage", brigade, message_id=shown["message_id"])
    call("setMyCommands", commands=[{"command": "status", "description": "State"}])
    call("getMyCommands")
    call("deleteMyCommands")
    call("getMe")
    for chat in (marie, brigade, channel):
        call("getChat", chat)
    call("getChatMember", brigade, user_id=marie.id)
    call("getFile", file_id=photo)
    marie.says("/start https://x.org", forwarded_from=paul.user)
    marie.edits(marie.says("one"), "two")
    marie.sends_album([picture(), picture()], "me")
    marie.sends_file("a.jpg", picture())
    marie.blocks_the_bot()
    marie.unblocks_the_bot()
    channel.posts("news")
    brigade.welcomes(paul)
    brigade.loses(paul)
    brigade.kicks_the_bot(marie)
    brigade.adds_the_bot(marie)
    bigger = brigade.migrates(marie)
    call("leaveChat", bigger)
    assert len(call("getUpdates")) == 18
    call("deleteWebhook")
