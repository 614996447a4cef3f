"""Enums as pybind11 makes them: members with a name and a value, no arithmetic."""

from __future__ import annotations

from typing import Any, ClassVar, Dict, Type


class Member:
    """Base of every enum; a class of its own for each."""

    __members__: ClassVar[Dict[str, Any]] = {}

    def __init__(self, name: str, value: int) -> None:
        self.name, self.value = name, value

    def __int__(self) -> int:
        return self.value

    def __index__(self) -> int:
        return self.value

    def __repr__(self) -> str:
        return f"<{type(self).__name__}.{self.name}: {self.value}>"

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.value == int(other)  # type: ignore[call-overload]

    def __hash__(self) -> int:
        return hash(self.value)


def enum(name: str, members: Dict[str, int]) -> Type[Any]:
    """An enum class; an absent member raises AttributeError."""
    kind = type(name.rsplit(".", 1)[-1], (Member,), {})
    found = {key: kind(key, value) for key, value in members.items()}
    for key, value in found.items():
        setattr(kind, key, value)
    setattr(kind, "__members__", found)  # noqa: B010
    return kind
