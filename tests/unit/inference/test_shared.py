"""One look for two threads."""

from __future__ import annotations

import numpy as np

from agent.inference.shared import Seen, Telling, Told
from agent.ports import Picture
from tests.fakes.objects import BOXER, FakeObjectDetector, place


def street(*labels: str) -> Picture:
    picture = np.full((60, 80, 3), 90, np.uint8)
    for number, label in enumerate(labels, 1):
        place(picture, label, number / 4, 0.9)
    return picture


def test_what_one_has_looked_at_the_other_does_not_look_at_again() -> None:
    seen, first, second = Seen(), FakeObjectDetector(), FakeObjectDetector()
    walk, drive = street("person"), street("car")
    found = Telling(first, seen).find([walk, drive])
    told = Told(second, seen)
    assert told.find([drive]) == [found[1]]
    assert told.find([drive, walk]) == found[::-1]
    assert second.seen == []


def test_the_other_looks_itself_at_what_is_new_and_answers_in_order() -> None:
    seen, second = Seen(), FakeObjectDetector()
    walk, drive, bag = street("person"), street("car"), street("backpack")
    Telling(FakeObjectDetector(), seen).find([drive])
    found = Told(second, seen).find([walk, drive, bag])
    assert [[one.label for one in things] for things in found] == [["person"], ["car"], ["backpack"]]
    assert [id(picture) for picture in second.seen] == [id(walk), id(bag)]
    assert Told(second, seen).find([]) == []


def test_a_picture_that_looks_the_same_is_another() -> None:
    seen, second = Seen(), FakeObjectDetector()
    walk = street("person")
    Telling(FakeObjectDetector(), seen).find([walk])
    Told(second, seen).find([walk.copy()])
    assert len(second.seen) == 1


def test_what_was_found_may_be_changed_by_who_asked() -> None:
    seen, walk = Seen(), street("person")
    Telling(FakeObjectDetector(), seen).find([walk])
    told = Told(FakeObjectDetector(), seen)
    told.find([walk])[0].clear()
    assert len(told.find([walk])[0]) == 1


def test_no_picture_is_kept_for_it() -> None:
    seen = Seen()
    telling = Telling(FakeObjectDetector(), seen)
    for _ in range(50):
        walk = street("person")
        seen.put(walk, [])
        del walk
    telling.find([street()])
    assert len(seen._found) <= 2


def test_both_are_what_they_wrap() -> None:
    for wrapper in (Telling, Told):
        own = FakeObjectDetector()
        wrapped = wrapper(own, Seen())
        assert wrapped.model == BOXER
        wrapped.close()
        assert own.closed
