"""The methods by name, each with the parameters it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Dict, Mapping

from tests.fakes.telegram.kinds import Kind
from tests.fakes.telegram.world import World

Params = Dict[str, Any]
Does = Callable[[World, Params], Any]


@dataclass(frozen=True)
class Method:
    """`does` runs with the world's lock held and returns the JSON value of `result`."""

    name: str
    required: Mapping[str, Kind]
    optional: Mapping[str, Kind]
    does: Does


METHODS: Dict[str, Method] = {}


def method(
    name: str,
    required: Mapping[str, Kind] = {},
    optional: Mapping[str, Kind] = {},
) -> Callable[[Does], Does]:
    """Register the function as the Bot API's method `name`."""

    def register(does: Does) -> Does:
        METHODS[name] = Method(name, required, optional, does)
        return does

    return register
