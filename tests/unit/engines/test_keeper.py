"""What the daemon does about its engine, and what it tells."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import List, Optional

from agent.engines.keeper import Keeper, Keepers
from agent.engines.machine import NoToolkitError, Toolkit, find_toolkit
from agent.engines.order import Order, key_of, order
from agent.engines.progress import Progress, silent
from agent.engines.shelf import Shelf
from agent.engines.workshop import Workshop
from agent.errors import EngineError
from agent.inference.bundle import Bundle
from tests.fakes.clock import FakeClock
from tests.fakes.tensorrt import Fake
from tests.unit.engines.ordering import settings
from tests.unit.engines.shapes import AT, GOOD

DAY_S = 86_400.0


class Bench(Workshop):
    """A keeper in whose workshop an engine is ready at once, or `fails`."""

    def __init__(self, folder: Path, bundle: Bundle) -> None:
        self.clock = FakeClock()
        super().__init__(self.clock)
        self.fails: Optional[str] = None
        self.runs = True
        self.stop = threading.Event()
        self.stops_within = False
        self.built = 0
        self.renewed = 0
        self.orders: List[Order] = []
        self.told: List[Optional[str]] = []
        self.shelf = Shelf(folder)
        self._bundle = bundle
        self._settings = settings(folder, bundle)

    def build(self, order: Order, stop: threading.Event, progress: Progress = silent) -> None:
        self.built += 1
        self.orders.append(order)
        for share in (None, 0.5):
            progress("building", share)
        if self.stops_within:
            stop.set()
        if self.fails is not None:
            raise EngineError(self.fails)
        key = key_of(self._bundle, order.recipe, find_toolkit())
        self.shelf.put(key, b"plan", GOOD, AT, 60.0)

    def renew(self) -> None:
        self.renewed += 1

    def find(self) -> Toolkit:
        return find_toolkit()

    def keeper(self) -> Keeper:
        return Keeper(
            lambda: order(self._settings),
            self.find,
            self,
            self.renew,
            lambda: self.runs,
            self.told.append,
            self.clock,
        )

    def run(self) -> None:
        self.keeper().run(self.stop)


def test_an_engine_that_is_missing_is_built_and_looks(fake: Fake, tmp_path: Path, bundle: Bundle) -> None:
    bench = Bench(tmp_path, bundle)
    bench.run()
    assert (bench.built, bench.renewed, bench.told) == (1, 1, [None])
    bench.run()
    assert (bench.built, bench.renewed, bench.told) == (1, 1, [None, None])


def test_a_failure_is_told_and_not_repeated_for_a_day(fake: Fake, tmp_path: Path, bundle: Bundle) -> None:
    bench = Bench(tmp_path, bundle)
    bench.fails = "no memory"
    bench.run()
    assert (bench.built, bench.renewed, bench.told) == (1, 0, ["no memory"])
    bench.clock.advance(DAY_S - 1)
    bench.run()
    assert bench.built == 1
    assert bench.told[1] is not None
    assert bench.told[1].startswith("no memory\nIt is tried again after a day")
    bench.clock.advance(1)
    bench.fails = None
    bench.run()
    assert (bench.built, bench.renewed, bench.told[2:]) == (2, 1, [None])


def test_a_clock_that_was_ahead_does_not_put_it_off(fake: Fake, tmp_path: Path, bundle: Bundle) -> None:
    bench = Bench(tmp_path, bundle)
    bench.fails = "no memory"
    bench.clock.advance(400 * DAY_S)
    bench.run()
    bench.clock.advance(-400 * DAY_S)
    bench.run()
    assert bench.built == 2


def test_one_that_does_not_run_is_built_anew_once(fake: Fake, tmp_path: Path, bundle: Bundle) -> None:
    bench = Bench(tmp_path, bundle)
    bench.run()
    bench.runs = False
    bench.run()
    assert (bench.built, bench.renewed) == (2, 2)
    assert bench.orders[1].anew
    assert bench.told[1] is not None
    assert "is right, but does not run in the agent" in bench.told[1]
    bench.run()
    assert bench.built == 2
    bench.runs = True
    bench.run()
    assert (bench.built, bench.told[-1]) == (2, None)


def test_an_end_in_between_is_no_failure(fake: Fake, tmp_path: Path, bundle: Bundle) -> None:
    bench = Bench(tmp_path, bundle)
    bench.fails, bench.stops_within = "the agent stops", True
    bench.run()
    assert bench.told == []
    assert bench.shelf.failures() == {}
    bench.fails = None
    bench.run()
    assert bench.told == []


def test_a_laptop_has_no_trouble(tmp_path: Path, bundle: Bundle) -> None:
    class Laptop(Bench):
        def find(self) -> Toolkit:
            raise NoToolkitError("tensorrt cannot be imported")

    bench = Laptop(tmp_path, bundle)
    bench.run()
    assert (bench.built, bench.told) == (0, [None])


def test_a_gpu_that_does_not_answer_is_told(fake: Fake, tmp_path: Path, bundle: Bundle) -> None:
    fake.gpu.count = 0
    bench = Bench(tmp_path, bundle)
    bench.run()
    assert bench.built == 0
    assert bench.told[0] is not None
    assert "no GPU answers" in bench.told[0]


def test_several_are_kept_one_after_the_other(fake: Fake, tmp_path: Path, bundle: Bundle) -> None:
    fire, faces = Bench(tmp_path / "fire", bundle), Bench(tmp_path / "faces", bundle)
    fire.fails = "no memory"
    stop = threading.Event()
    Keepers([fire.keeper(), faces.keeper()]).run(stop)
    assert (fire.told, faces.told) == (["no memory"], [None])
    stop.set()
    Keepers([fire.keeper()]).run(stop)
    assert fire.built == 1
