"""What every call of the fakes goes through: faults on demand, a record, and the rules of threads."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Optional, Set, Tuple

_LIMIT_S = 30.0


@dataclass
class _Fault:
    raises: Optional[BaseException]
    returns: Any
    skip: int
    times: Optional[int]
    says: str


@dataclass
class Hold:
    """A call that waits: `entered` is set once somebody is in it, and it goes on when `release` is set."""

    entered: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)


class Gate:
    """`calls` are those that were made, such as `Runtime.deserialize_cuda_engine` or `mem_alloc`.

    `violations` are what would have crashed the real thing, or corrupted its memory.
    """

    def __init__(self) -> None:
        self.calls: List[str] = []
        self.violations: List[str] = []
        self.speak: Callable[[str], None] = self.calls.append
        self._known: Set[str] = set()
        self._faults: Dict[str, _Fault] = {}
        self._holds: Dict[str, Hold] = {}

    def know(self, call: str) -> None:
        """Declare a call, for `fail` and `hold` to refuse misspelt ones."""
        self._known.add(call)

    @property
    def known(self) -> Set[str]:
        return set(self._known)

    def fail(
        self,
        call: str,
        *,
        raises: Optional[BaseException] = None,
        returns: Any = None,
        skip: int = 0,
        times: Optional[int] = None,
        says: str = "",
    ) -> None:
        """Let `call` raise or return that and do nothing: after `skip` times, `times` times or for ever.

        `says` is what TensorRT's logger is told on that occasion.
        """
        self._check(call)
        self._faults[call] = _Fault(raises, returns, skip, times, says)

    def heal(self, call: str) -> None:
        """Take the fault back."""
        del self._faults[call]

    def hold(self, call: str) -> Hold:
        """Let everyone who makes `call` wait in it."""
        self._check(call)
        self._holds[call] = Hold()
        return self._holds[call]

    def enter(self, call: str) -> Tuple[bool, Any]:
        """Note a call; whether a fault answers it, and with what."""
        self.calls.append(call)
        hold = self._holds.get(call)
        if hold is not None:
            hold.entered.set()
            if not hold.release.wait(_LIMIT_S):
                self.violate(f"{call} was held and never released")
        fault = self._faults.get(call)
        if fault is None:
            return False, None
        if fault.skip:
            fault.skip -= 1
            return False, None
        if fault.times is not None:
            if not fault.times:
                return False, None
            fault.times -= 1
        if fault.says:
            self.speak(fault.says)
        if fault.raises is not None:
            raise fault.raises
        return True, fault.returns

    def violate(self, what: str) -> None:
        """Note what would have been a crash, and fail whoever did it."""
        self.note(what)
        raise AssertionError(what)

    def note(self, what: str) -> None:
        """The same from where nothing may be raised: a destructor."""
        self.violations.append(what)

    def _check(self, call: str) -> None:
        if call not in self._known:
            raise KeyError(f"the fake has no call {call}: there are {sorted(self._known)}")
