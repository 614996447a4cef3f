"""The example in docs/telegram.md is what people really see."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Iterator

import pytest

from agent.domain.access import Role
from agent.domain.incident import Kind
from agent.enrolments import Reason
from tests.fakes.changes import opened
from tests.fakes.clock import FakeClock
from tests.fakes.counter import Counter
from tests.fakes.lobby import lobby
from tests.fakes.pictures import noise_jpeg
from tests.fakes.telegram import Message, Person, TelegramServer
from tests.fakes.waiting import until

PAGE = Path(__file__).parents[3] / "docs" / "telegram.md"


@pytest.fixture(autouse=True)
def _in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The bot tells the time of the place."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def press(person: Person, label: str, on: Message, contains: str) -> Message:
    person.presses(label, on=on).wait_answer()
    until(lambda: contains in person.message(on.id).text, f"{contains!r} is said")
    return person.message(on.id)


def test_the_example_of_the_page(telegram: TelegramServer, clock: FakeClock) -> None:
    with lobby(clock) as made, Counter(made, telegram):
        made.incident(opened("20260101T115958-7f3a2c", Kind.OBJECT))
        code = made.services.invitations.issue(Role.ADMIN, "shell:root", 900.0)
        anna = telegram.person("Anna Bell")
        anna.asks(f"/start {code}")
        anna.asks("/satus")
        press(anna, "/status", anna.last, "Beffroi 1.2.3")
        asked = press(anna, "Back yard", anna.asks("/silence"), "What shall")
        press(anna, "1 h", press(anna, "Object", asked, "how long"), "until")
        anna.asks("/silence yard fire 1h")
        anna.asks("/ack")
        photos = press(anna, "Yes", anna.asks("/enrol Zoë"), "photos of")
        made.enrolments.verdicts = [Reason.BLURRED]
        last = photos
        for number in range(4):
            sent = anna.sends_photo(noise_jpeg(number))
            last = anna.wait_message(after=sent.id)
        anna.presses("Done", on=last).wait_answer()
        anna.wait_message("is enrolled")
        shown = telegram.transcript(anna).replace(code, "K7QF-2M9X")
    assert f"```text\n{shown.strip()}\n```" in PAGE.read_text(encoding="utf-8"), shown
