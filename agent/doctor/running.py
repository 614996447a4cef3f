"""Runs checks side by side; whatever one of them does, each ends as a finding within its limit."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass
from typing import Callable, Dict, List, Sequence, Tuple

from agent.doctor.finding import Finding, failed
from agent.errors import BeffroiError
from agent.ports import Clock

LIMIT_S = 20.0
_REPORT = "please report it, with what `beffroi doctor --json` prints"
_LOOK = "look at the kernel's log (journalctl -k), and try again"


@dataclass(frozen=True)
class Check:
    """`name` is for `--only` and for programs; `run` may take `limit_s` seconds.

    `remedy` is what to do where it raises an expected error, or hangs.
    """

    name: str
    run: Callable[[], Finding]
    limit_s: float = LIMIT_S
    remedy: str = _LOOK


@dataclass(frozen=True)
class Result:
    """A check's name and what it found."""

    name: str
    finding: Finding


def run_all(checks: Sequence[Check], clock: Clock) -> List[Result]:
    """All at once, in the order given; the names differ. One that hangs is left behind."""
    done: queue.Queue[Tuple[str, Finding]] = queue.Queue()
    for check in checks:
        # Daemons: a driver or a command that hangs must not keep the doctor from telling the rest.
        threading.Thread(target=_run, args=(check, done), name=check.name, daemon=True).start()
    began = clock.monotonic()
    found: Dict[str, Finding] = {}
    while len(found) < len(checks):
        waiting = [check for check in checks if check.name not in found]
        left = max(check.limit_s for check in waiting) - (clock.monotonic() - began)
        try:
            name, finding = done.get(timeout=max(left, 0.0))
        except queue.Empty:
            break
        found[name] = finding
    return [Result(check.name, found.get(check.name) or _overdue(check)) for check in checks]


def _run(check: Check, done: queue.Queue[Tuple[str, Finding]]) -> None:
    try:
        finding = check.run()
    except BeffroiError as error:
        finding = failed(str(error), check.remedy)
    except OSError as error:
        finding = failed(f"cannot be examined: {error.strerror or error}", "run it as root (sudo)")
    except Exception as error:  # noqa: BLE001 - a thread's top: what it did not foresee must be told, too
        finding = failed(f"the check itself failed ({type(error).__name__}: {error})", _REPORT)
    done.put((check.name, finding))


def _overdue(check: Check) -> Finding:
    return failed(f"no answer within {check.limit_s:g} s", check.remedy)
