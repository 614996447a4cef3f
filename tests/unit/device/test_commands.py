from __future__ import annotations

import sys

from agent.device.commands import Answer, ask


def test_a_program_answers() -> None:
    assert ask([sys.executable, "-c", "print('yes')"]) == Answer(0, "yes")
    failing = ask([sys.executable, "-c", "import sys; print('no', file=sys.stderr); sys.exit(3)"])
    assert failing == Answer(3, "no")


def test_no_such_program() -> None:
    assert ask(["no-such-program-here"]) is None
    assert ask(["/"]) is None


def test_one_that_never_stops_talking_is_ended() -> None:
    assert ask([sys.executable, "-c", "while True: print('x' * 1000)"], limit_s=60) is None


def test_one_that_hangs_is_ended_with_its_children() -> None:
    hanging = "import threading; threading.Event().wait()"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hanging!r}])"
    assert ask([sys.executable, "-c", child], limit_s=0.5) is None


def test_it_speaks_english_and_hears_nothing() -> None:
    answer = ask(
        [sys.executable, "-c", "import os, sys; print(os.environ['LC_ALL'], repr(sys.stdin.read()))"]
    )
    assert answer == Answer(0, "C ''")
