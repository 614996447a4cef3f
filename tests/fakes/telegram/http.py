"""Requests in, answers out: carries calls out, or fails them as the scripts say, and logs them."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple
from urllib.parse import unquote

from aiohttp import web

from tests.fakes.telegram.bodies import read_body
from tests.fakes.telegram.errors import ApiError, MisuseError, unauthorized
from tests.fakes.telegram.faults import Exchange, Script
from tests.fakes.telegram.kinds import read_fields
from tests.fakes.telegram.limits import Limits
from tests.fakes.telegram.media import Upload
from tests.fakes.telegram.polling import Polls
from tests.fakes.telegram.records import Call
from tests.fakes.telegram.registry import METHODS
from tests.fakes.telegram.world import World

DOWNLOAD = "download"
"""The name that the fetching of a file goes by in the log of calls and in faults."""


class Http:
    """The handler of all requests; lives on the server's loop."""

    def __init__(self, world: World, token: str) -> None:
        self._world = world
        self._token = token
        self._polls = Polls()
        self.scripts: List[Script] = []
        self.limits: Optional[Limits] = None

    def wake(self) -> None:
        """Something waits for the bot."""
        self._polls.wake()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        try:
            return await self._handle(request)
        except Exception as crash:
            self._world.violations.append(f"a request broke the fake server: {crash!r}")
            raise

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        secret, rest = _asked(request.path)
        values = await read_body(request)
        with self._world.changed:
            call, problem = self._record(rest, values)
            script = next((one for one in self.scripts if one.take(call)), None)

        async def carry_out() -> web.Response:
            return await self._carry_out(call, secret, rest, problem)

        exchange = Exchange(request, call, carry_out)
        try:
            response = await (script.fault.answer(exchange) if script else carry_out())
            call.status = None if exchange.dropped else response.status
        finally:
            with self._world.changed:
                call.done = True
                self._world.changed.notify_all()
        return response

    def _record(self, rest: str, values: Dict[str, object]) -> Tuple[Call, Optional[ApiError]]:
        """The call as it is logged, and why its parameters are refused."""
        name = DOWNLOAD if "/" in rest else rest
        params: Dict[str, Any] = dict(values)
        problem: Optional[ApiError] = None
        if name != DOWNLOAD:
            try:
                params = _typed(name, values)
            except ApiError as refused:
                problem = refused
        call = Call(len(self._world.calls) + 1, name, self._world.monotonic(), params, self._chat_of(params))
        self._world.calls.append(call)
        self._world.changed.notify_all()
        return call, problem

    def _chat_of(self, params: Dict[str, Any]) -> Optional[int]:
        query = self._world.queries.get(str(params.get("callback_query_id")))
        given = query.chat_id if query else params.get("chat_id")
        for chat in self._world.chats.values():
            if str(given) in (str(chat.id), f"@{chat.username}"):
                return chat.id
        return given if isinstance(given, int) else None

    async def _carry_out(
        self, call: Call, secret: str, rest: str, problem: Optional[ApiError]
    ) -> web.Response:
        try:
            if secret != self._token:
                raise unauthorized() if ":" in secret else ApiError(404, "Not Found")
            if call.method == DOWNLOAD:
                return self._download(call, rest)
            if problem:
                raise problem
            await self._run(call)
        except ApiError as refused:
            call.error = refused.description
            if isinstance(refused, MisuseError):
                self._world.violations.append(f"{call.method}: {refused.description}")
            return web.json_response(refused.body(), status=refused.code)
        return web.json_response({"ok": True, "result": call.result})

    async def _run(self, call: Call) -> None:
        does = METHODS[call.method].does
        polling = call.method == "getUpdates"
        if polling:
            self._polls.supersede()
        with self._world.changed:
            if self.limits:
                self.limits.check(call, self._world.chats.get(call.chat or 0))
            call.result = does(self._world, call.params)
        if polling and not call.result and call.params.get("timeout", 0) > 0:
            await self._polls.wait(call.params["timeout"])
            with self._world.changed:
                call.result = does(self._world, call.params)
        call.ok = True

    def _download(self, call: Call, path: str) -> web.Response:
        with self._world.changed:
            file = self._world.files.at(path)
        if file is None:
            raise ApiError(404, "Not Found")
        call.ok = True
        return web.Response(body=file.data, content_type="application/octet-stream")


def _asked(path: str) -> Tuple[str, str]:
    """The token and the rest of /bot<token>/<rest> and /file/bot<token>/<rest>; ("", path) for others."""
    path = unquote(path)
    for prefix in ("/bot", "/file/bot"):
        if path.startswith(prefix):
            secret, _, rest = path[len(prefix) :].partition("/")
            return secret, rest
    return "", path


def _typed(name: str, values: Dict[str, object]) -> Dict[str, Any]:
    """The parameters with their types. Raises: MisuseError, or ApiError as the real server says it."""
    method = METHODS.get(name)
    if method is None:
        raise MisuseError("Not Found: method not found", 404)
    uploads = {part: value for part, value in values.items() if isinstance(value, Upload)}
    kinds = {**method.required, **method.optional}
    texts = " ".join(value for value in values.values() if isinstance(value, str))
    attached = {part for part in uploads if part not in kinds and f"attach://{part}" in texts}
    named = {part: value for part, value in values.items() if part not in attached}
    try:
        return read_fields(named, uploads, method.required, method.optional)
    except MisuseError as refused:
        raise MisuseError(f"Bad Request: {refused.description}") from refused
