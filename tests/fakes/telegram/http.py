"""Requests in, answers out: reads every encoding that clients use and carries the calls out."""

from __future__ import annotations

from typing import Any, Dict, List, Optional
from urllib.parse import unquote

from aiohttp import MultipartReader, web

from tests.fakes.telegram.errors import ApiError, Violation, bad_request, unauthorized
from tests.fakes.telegram.faults import Exchange, Script
from tests.fakes.telegram.kinds import read_fields
from tests.fakes.telegram.limits import Limits
from tests.fakes.telegram.media import Upload
from tests.fakes.telegram.polling import Polls
from tests.fakes.telegram.registry import METHODS, Method
from tests.fakes.telegram.world import Call, World

DOWNLOAD = "download"
"""The name that the fetching of a file goes by in the log of calls and in faults."""


class Http:
    """The handler of all requests; lives on the server's loop."""

    def __init__(self, world: World, token: str, scripts: List[Script]) -> None:
        self._world = world
        self._token = token
        self._scripts = scripts
        self.polls = Polls(world)
        self.limits: Optional[Limits] = None

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request, or fail it as the scripts say."""
        secret, _, rest = _below(request.path)
        values = await _read(request)
        call = self._record(rest, values) if secret else self._record(request.path, values)

        async def carry_out() -> web.Response:
            call.executed = True
            try:
                if secret != self._token:
                    raise unauthorized() if ":" in secret else ApiError(404, "Not Found")
                if call.method == DOWNLOAD:
                    return self._download(rest)
                call.result = await self._run(call, values)
            except ApiError as refused:
                call.error = refused.description
                if isinstance(refused, Violation):
                    self._world.violations.append(f"{call.method}: {refused.description}")
                return web.json_response(refused.body(), status=refused.code)
            return web.json_response({"ok": True, "result": call.result})

        exchange = Exchange(request, call, carry_out)
        script = next((one for one in self._scripts if one.take(call)), None)
        response = await (script.fault.answer(exchange) if script else carry_out())
        with self._world.changed:
            call.status = response.status
            self._world.changed.notify_all()
        return response

    def _record(self, rest: str, values: Dict[str, object]) -> Call:
        with self._world.changed:
            name = DOWNLOAD if "/" in rest else rest
            number = len(self._world.calls) + 1
            call = Call(number, name, self._world.monotonic(), dict(values), self._chat(values))
            self._world.calls.append(call)
            self._world.changed.notify_all()
            return call

    def _chat(self, values: Dict[str, object]) -> Optional[int]:
        given = str(values.get("chat_id", ""))
        for chat in self._world.chats.values():
            if given in (str(chat.id), f"@{chat.username}"):
                return chat.id
        return int(given) if given.lstrip("-").isdigit() else None

    async def _run(self, call: Call, values: Dict[str, object]) -> Any:
        method = METHODS.get(call.method)
        if method is None:
            raise Violation("Not Found: method not found", 404)
        with self._world.changed:
            call.params = params = _typed(method, values)
            if self.limits:
                self.limits.check(call, self._world.chats.get(call.chat or 0))
            result = method.does(self._world, params)
        if method.name != "getUpdates":
            return result
        self.polls.supersede()
        if not result and params.get("timeout", 0) > 0:
            await self.polls.wait(params["timeout"])
            with self._world.changed:
                result = method.does(self._world, params)
        return result

    def _download(self, path: str) -> web.Response:
        with self._world.changed:
            file = self._world.files.at(path)
        if file is None:
            raise ApiError(404, "Not Found")
        return web.Response(body=file.data, content_type="application/octet-stream")


def _below(path: str) -> "tuple[str, str, str]":
    """(token, "/", rest) of /bot<token>/<rest> and /file/bot<token>/<rest>; all empty for other paths."""
    path = unquote(path)
    for prefix in ("/bot", "/file/bot"):
        if path.startswith(prefix):
            secret, slash, rest = path[len(prefix) :].partition("/")
            return secret, slash, rest
    return "", "", ""


def _typed(method: Method, values: Dict[str, object]) -> Dict[str, Any]:
    uploads = {name: value for name, value in values.items() if isinstance(value, Upload)}
    kinds = {**method.required, **method.optional}
    used = str([value for value in values.values() if isinstance(value, str)])
    named = {
        name: value
        for name, value in values.items()
        if name in kinds or not (isinstance(value, Upload) and f"attach://{name}" in used)
    }
    try:
        return read_fields(named, uploads, method.required, method.optional)
    except Violation as refused:
        raise Violation(f"Bad Request: {refused.description}") from refused


async def _read(request: web.BaseRequest) -> Dict[str, object]:
    values: Dict[str, object] = dict(request.query)
    kind = request.content_type
    if kind == "multipart/form-data":
        values.update(await _parts(request))
    elif kind == "application/json":
        values.update(await request.json())
    elif kind == "application/x-www-form-urlencoded":
        values.update({name: str(value) for name, value in (await request.post()).items()})
    return values


async def _parts(request: web.BaseRequest) -> Dict[str, object]:
    values: Dict[str, object] = {}
    reader = MultipartReader(request.headers, request.content)
    while True:
        part: Any = await reader.next()
        if part is None:
            return values
        data = bytes(await part.read())
        kind = part.headers.get("Content-Type", "application/octet-stream")
        named = part.filename is not None
        values[part.name] = Upload(part.filename, data, kind) if named else data.decode()
