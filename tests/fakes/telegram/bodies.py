"""The parameters of a request, in every encoding that the Bot API takes."""

from __future__ import annotations

from typing import Any, Dict

from aiohttp import MultipartReader, web

from tests.fakes.telegram.media import Upload


async def read_body(request: web.BaseRequest) -> Dict[str, object]:
    """By name: strings of the query and of forms, the values of a JSON object, Uploads for files."""
    values: Dict[str, object] = dict(request.query)
    if request.content_type == "multipart/form-data":
        values.update(await _parts(request))
    elif request.content_type == "application/json":
        values.update(await request.json())
    elif request.content_type == "application/x-www-form-urlencoded":
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
