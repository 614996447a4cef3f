"""The names of a real TensorRT, and how the fake is held to them."""

from __future__ import annotations

import functools
import json
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Type

_FOLDER = Path(__file__).parent / "names"

VERSIONS = ("8.5.2", "10.3", "10.13", "11.4")

Signatures = Optional[List[List[str]]]
"""The parameters' names of each overload; None for a property; empty where it does not tell."""


@dataclass(frozen=True)
class Names:
    """What one version has: `classes` maps a class to its attributes, `enums` an enum to its members."""

    version: str
    module: List[str]
    functions: Dict[str, List[List[str]]]
    classes: Dict[str, Dict[str, Signatures]]
    enums: Dict[str, Dict[str, int]]


def load_names(version: str) -> Names:
    """Those of `8.5.2`, `10.3`, `10.13` or `11.4`."""
    value = json.loads((_FOLDER / f"{version}.json").read_text(encoding="utf-8"))
    return Names(value["version"], value["module"], value["functions"], value["classes"], value["enums"])


class Native:
    """Base of what stands for a C++ object: used and freed by the thread that made it."""

    _fake: Any
    _kind: str
    _needs_context = False

    def _born(self) -> None:
        self._thread = threading.get_ident()
        self._fake.alive.append(self._kind)

    def _entered(self, call: str) -> None:
        if getattr(self, "_thread", None) is None:
            raise TypeError(f"{self._kind}.__init__() must be called when overriding __init__")
        if self._thread != threading.get_ident():
            self._fake.gate.violate(f"{call} from another thread than the one that made the object")

    def __del__(self) -> None:
        if getattr(self, "_thread", None) is None:
            return
        self._fake.alive.remove(self._kind)
        self._fake.gate.calls.append(f"~{self._kind}")
        if self._thread != threading.get_ident():
            self._fake.gate.note(f"{self._kind} was freed by another thread than the one that made it")
        elif self._needs_context and not self._fake.gpu.current():
            self._fake.gate.note(f"{self._kind} was freed without a CUDA context")


class Stored:
    """A property that keeps what it is given."""

    def __init__(self, default: Any) -> None:
        self._default = default

    def __set_name__(self, owner: Type[Any], name: str) -> None:
        self._name = "_stored_" + name

    def __get__(self, one: Any, owner: Any = None) -> Any:
        return self if one is None else one.__dict__.get(self._name, self._default)

    def __set__(self, one: Any, value: Any) -> None:
        one.__dict__[self._name] = value


class _Absent:
    """An attribute that this version does not have."""

    def __init__(self, message: str) -> None:
        self._message = message

    def __get__(self, one: Any, owner: Any = None) -> Any:
        raise AttributeError(self._message)

    def __set__(self, one: Any, value: Any) -> None:
        raise AttributeError(self._message)


class _Unpretended:
    """An attribute that the real one has and the fake does not do: there for hasattr on the class only."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __get__(self, one: Any, owner: Any = None) -> Any:
        if one is None:
            return self
        raise NotImplementedError(f"the fake does not do {self._what} yet, the real TensorRT does")

    def __set__(self, one: Any, value: Any) -> None:
        raise NotImplementedError(f"the fake does not do {self._what} yet, the real TensorRT does")


def held_to(names: Names, pretended: Type[Native], fake: Any, *, callback: bool = False) -> Type[Native]:
    """The class with the attributes of the real one of the same name: no other, and each call gated.

    A `callback` is there to be overridden: what is called on it is the test's own.
    """
    kind = pretended.__name__
    real = names.classes[kind]
    space: Dict[str, Any] = {"_fake": fake, "_kind": kind}
    for name in dir(pretended):
        if name.startswith("_"):
            continue
        if name not in real:
            space[name] = _Absent(f"TensorRT {names.version} has no {kind}.{name}")
        elif not callback:
            space[name] = _gated(getattr(pretended, name), f"{kind}.{name}", fake)
    for name in real:
        if not hasattr(pretended, name) and name != "__init__":
            space[name] = _Unpretended(f"{kind}.{name}")
    if "__init__" not in real:
        space["__init__"] = _no_constructor
    result: Type[Native]

    def guard(self: Any, name: str, value: Any) -> None:
        # A class of Python that derives from one of C++ may have attributes of its own.
        if not name.startswith("_") and type(self) is result and name not in real:
            raise AttributeError(f"TensorRT {names.version} has no {kind}.{name}")
        object.__setattr__(self, name, value)

    space["__setattr__"] = guard
    result = type(kind, (pretended,), space)
    return result


def made(kind: Type[Any], **state: Any) -> Any:
    """An object that the real TensorRT makes itself: one without a constructor."""
    one: Any = object.__new__(kind)
    for name, value in state.items():
        object.__setattr__(one, "_" + name, value)
    one._born()
    return one


def _no_constructor(self: Any, *_: Any) -> None:
    raise TypeError(f"{type(self).__name__}: No constructor defined!")


def _gated(member: Any, call: str, fake: Any) -> Any:
    if isinstance(member, (Stored, type)) or not (callable(member) or isinstance(member, property)):
        return member
    fake.gate.know(call)
    if isinstance(member, property):
        assert member.fget is not None
        return property(_through(member.fget, call, fake), member.fset)
    return _through(member, call, fake)


def _through(function: Callable[..., Any], call: str, fake: Any) -> Callable[..., Any]:
    @functools.wraps(function)
    def gated(self: Any, *values: Any, **named: Any) -> Any:
        self._entered(call)
        answered, answer = fake.gate.enter(call)
        return answer if answered else function(self, *values, **named)

    return gated
