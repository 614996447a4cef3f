from __future__ import annotations

import os
import signal
import socket
import threading
from pathlib import Path
from typing import Callable, Iterator, List, Optional

import pytest

from agent.config.settings import Settings
from agent.daemon import Daemon
from agent.errors import ConfigError, StoreError
from agent.service import Agent
from agent.systemd import Notifier
from tests.fakes.clock import FakeClock


def settings(url: str = "scene:") -> Settings:
    return Settings.model_validate({"cameras": [url]})


class ScriptedAgent(Agent):
    """An agent without parts: it only says how it is doing."""

    refuses: Optional[StoreError] = None
    loading = False
    troubled: Optional[str] = None

    def start(self) -> None:
        if self.refuses is not None:
            raise self.refuses
        LIFE.append(f"start {self.settings.site}")

    def stop(self) -> List[str]:
        LIFE.append(f"stop {self.settings.site}")
        return []

    @property
    def ready(self) -> bool:
        return not self.loading

    def trouble(self, limit_s: float) -> Optional[str]:
        return self.troubled

    def summary(self) -> str:
        return "1 of 1 cameras online"


LIFE: List[str] = []


class SteppedClock(FakeClock):
    """Does the next step of a script each time the daemon waits."""

    def __init__(self, steps: List[Callable[[], None]]) -> None:
        super().__init__()
        self._steps = steps

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        self._steps.pop(0)()
        return super().wait(event, timeout_s)


LISTENERS: List[socket.socket] = []


@pytest.fixture(autouse=True)
def life() -> Iterator[None]:
    LIFE.clear()
    yield
    while LISTENERS:
        LISTENERS.pop().close()


class Bench:
    """A daemon, the systemd that listens to it, and what it loads."""

    def __init__(self, steps: List[str], folder: Path) -> None:
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.listener.bind(str(folder / "notify"))
        self.listener.setblocking(False)
        LISTENERS.append(self.listener)
        self.clock = SteppedClock([getattr(self, step) for step in steps])
        self.configuration: List[object] = [settings()]
        self.agents: List[ScriptedAgent] = []
        self.refusals: List[Optional[StoreError]] = []
        self.slow = False
        notifier = Notifier({"NOTIFY_SOCKET": self.listener.getsockname(), "WATCHDOG_USEC": "30000000"})
        self.daemon = Daemon(self._load, self._make, self.clock, notifier)

    def _load(self) -> Settings:
        loaded = self.configuration[-1]
        if isinstance(loaded, ConfigError):
            raise loaded
        assert isinstance(loaded, Settings)
        return loaded

    def _make(self, wanted: Settings) -> ScriptedAgent:
        agent = ScriptedAgent(wanted, self.clock)
        agent.refuses = self.refusals.pop(0) if self.refusals else None
        agent.loading = self.slow
        self.agents.append(agent)
        return agent

    def heard(self) -> List[str]:
        said = []
        while True:
            try:
                said.append(self.listener.recv(500).decode().split("\n")[0])
            except BlockingIOError:
                return said

    def forget(self) -> None:
        """The kernel keeps ten datagrams or so for a listener."""
        self.heard()

    def stop(self) -> None:
        self.daemon.stop()

    def beat(self) -> None:
        pass

    def hang(self) -> None:
        self.agents[-1].troubled = "no turn of the analyser"

    def heal(self) -> None:
        self.agents[-1].troubled = None

    def hup(self) -> None:
        os.kill(os.getpid(), signal.SIGHUP)

    def term(self) -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    def reload_same(self) -> None:
        self.daemon.reload()

    def reload_other(self) -> None:
        self.configuration.append(Settings.model_validate({"site": "mons", "cameras": ["scene:"]}))
        self.daemon.reload()

    def reload_slow(self) -> None:
        self.slow = True
        self.reload_other()

    def wake_up(self) -> None:
        self.agents[-1].loading = False

    def reload_broken(self) -> None:
        self.configuration.append(ConfigError("beffroi.yaml:3:1: unknown key"))
        self.daemon.reload()

    def reload_refused(self) -> None:
        self.refusals = [StoreError("data folder is read-only"), None]
        self.reload_other()


def test_systemd_hears_ready_then_watchdog_then_stopping(tmp_path: Path) -> None:
    bench = Bench(["beat", "stop"], tmp_path)
    assert bench.daemon.run() == []
    assert bench.heard() == [
        "READY=1",
        "WATCHDOG=1",
        "STATUS=1 of 1 cameras online",
        "WATCHDOG=1",
        "STATUS=1 of 1 cameras online",
        "STOPPING=1",
    ]
    assert LIFE == ["start site", "stop site"]


def test_a_hung_watch_is_not_petted(tmp_path: Path) -> None:
    bench = Bench(["hang", "beat", "heal", "stop"], tmp_path)
    bench.daemon.run()
    assert bench.heard().count("WATCHDOG=1") == 2


def test_an_unchanged_configuration_leaves_the_agent_alone(tmp_path: Path) -> None:
    bench = Bench(["reload_same", "stop"], tmp_path)
    bench.daemon.run()
    assert LIFE == ["start site", "stop site"]
    assert bench.heard().count("RELOADING=1") == 1


def test_a_changed_configuration_takes_the_place_of_the_old(tmp_path: Path) -> None:
    bench = Bench(["reload_other", "stop"], tmp_path)
    bench.daemon.run()
    assert LIFE == ["start site", "stop site", "start mons", "stop mons"]


def test_a_broken_configuration_changes_nothing(tmp_path: Path) -> None:
    bench = Bench(["reload_broken", "stop"], tmp_path)
    bench.daemon.run()
    assert LIFE == ["start site", "stop site"]
    assert bench.heard()[-4:] == [
        "READY=1",
        "WATCHDOG=1",
        "STATUS=1 of 1 cameras online; the new configuration was refused, the journal says why",
        "STOPPING=1",
    ]


def test_a_right_configuration_ends_the_refusal(tmp_path: Path) -> None:
    bench = Bench(["reload_broken", "forget", "reload_other", "stop"], tmp_path)
    bench.daemon.run()
    assert bench.heard()[-2] == "STATUS=1 of 1 cameras online"


def test_a_reload_is_over_when_the_new_agent_watches(tmp_path: Path) -> None:
    bench = Bench(["reload_slow", "beat", "wake_up", "stop"], tmp_path)
    bench.daemon.run()
    heard = bench.heard()
    reload = heard[heard.index("RELOADING=1") :]
    assert reload.index("READY=1") > reload.index("STATUS=1 of 1 cameras online"), "a beat without READY"


def test_a_configuration_that_does_not_start_gives_way_to_the_old(tmp_path: Path) -> None:
    bench = Bench(["beat", "reload_refused", "stop"], tmp_path)
    bench.refusals = [None]
    bench.daemon.run()
    assert LIFE == ["start site", "stop site", "start site", "stop site"]


def test_a_broken_configuration_at_the_start_is_an_error(tmp_path: Path) -> None:
    bench = Bench([], tmp_path)
    bench.configuration = [ConfigError("beffroi.yaml:1:1: the file is empty")]
    with pytest.raises(ConfigError, match="empty"):
        bench.daemon.run()


def test_signals_stop_and_reload(tmp_path: Path) -> None:
    bench = Bench(["hup", "term"], tmp_path)
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    try:
        bench.daemon.handle_signals()
        bench.daemon.run()
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
    assert bench.heard().count("RELOADING=1") == 1
    assert LIFE == ["start site", "stop site"]
