"""The kinds of parameters and how strictly each is read."""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, List, Mapping

from tests.fakes.telegram.errors import MisuseError
from tests.fakes.telegram.media import Upload

Uploads = Mapping[str, Upload]
Kind = Callable[[object, Uploads], Any]
"""Reads what came (a string of a form, or a JSON value); raises MisuseError with the reason."""


def string(raw: object, _: Uploads) -> str:
    if not isinstance(raw, str):
        raise MisuseError("must be a String")
    return raw


def integer(raw: object, _: Uploads) -> int:
    value = decoded(raw)
    if not isinstance(value, int) or isinstance(value, bool):
        raise MisuseError("must be an Integer")
    return value


def boolean(raw: object, _: Uploads) -> bool:
    value = decoded(raw)
    if not isinstance(value, bool):
        raise MisuseError("must be a Boolean")
    return value


def chat_id(raw: object, _: Uploads) -> object:
    """An integer, or @name."""
    if isinstance(raw, str) and raw.startswith("@"):
        return raw
    return integer(raw, _)


def file(raw: object, uploads: Uploads) -> object:
    """An Upload (sent as this part or attached), or a file_id."""
    if isinstance(raw, Upload):
        return raw
    text = string(raw, uploads)
    if not text.startswith("attach://"):
        return text
    name = text[len("attach://") :]
    if name not in uploads:
        raise MisuseError(f"nothing is attached as {name}")
    return uploads[name]


def one_of(*words: str) -> Kind:
    def read(raw: object, uploads: Uploads) -> str:
        if raw not in words:
            raise MisuseError(f"must be one of {', '.join(words)}")
        return string(raw, uploads)

    return read


def array(kind: Kind) -> Kind:
    def read(raw: object, uploads: Uploads) -> List[Any]:
        values = decoded(raw)
        if not isinstance(values, list):
            raise MisuseError("must be an Array")
        return [kind(value, uploads) for value in values]

    return read


def struct(required: Mapping[str, Kind], optional: Mapping[str, Kind]) -> Kind:
    """An object with these fields and no others."""

    def read(raw: object, uploads: Uploads) -> Dict[str, Any]:
        values = decoded(raw)
        if not isinstance(values, dict):
            raise MisuseError("must be an object")
        return read_fields(values, uploads, required, optional)

    return read


def read_fields(
    values: Mapping[str, object],
    uploads: Uploads,
    required: Mapping[str, Kind],
    optional: Mapping[str, Kind],
) -> Dict[str, Any]:
    """Every field with its type. Raises: MisuseError for unknown, missing and wrong ones."""
    kinds = {**required, **optional}
    missing = [name for name in required if name not in values]
    unknown = [name for name in values if name not in kinds]
    if missing or unknown:
        raise MisuseError(
            "; ".join(
                [f"parameter {name} is missing" for name in missing]
                + [f"parameter {name} is unknown" for name in unknown]
            )
        )
    read: Dict[str, Any] = {}
    for name, value in values.items():
        try:
            read[name] = kinds[name](value, uploads)
        except MisuseError as refused:
            raise MisuseError(f"{name}: {refused.description}") from refused
    return read


def decoded(raw: object) -> object:
    """What a form field says in JSON; JSON values as they are."""
    if not isinstance(raw, str):
        return raw
    try:
        value: object = json.loads(raw)
    except ValueError as error:
        raise MisuseError("must be JSON") from error
    return value
