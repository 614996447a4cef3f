"""Tries cameras, the broker and Telegram, once each: for `beffroi check --connect` and `beffroi doctor`."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass
from typing import Callable, Iterator, List, Sequence

from agent.config.settings import Camera, MqttSettings, Settings
from agent.config.telegram_settings import TelegramSettings
from agent.errors import BeffroiError
from agent.ports import Clock, Source

_GRACE_S = 5.0
_BROKER_S = 15.0


@dataclass(frozen=True)
class Trial:
    """Something to reach; `run` says what it found or raises BeffroiError, within `limit_s` seconds."""

    what: str
    run: Callable[[], str]
    limit_s: float


@dataclass(frozen=True)
class Outcome:
    """How a trial ended; `text` says what was found, or what is wrong and what to do."""

    what: str
    ok: bool
    text: str


def camera_trial(camera: Camera, open_source: Callable[[Camera], Source], clock: Clock) -> Trial:
    """Connect and wait for one picture."""

    def run() -> str:
        began = clock.monotonic()
        stream = open_source(camera).open()
        try:
            picture = stream.read()
        finally:
            stream.close()
        if picture is None:
            raise BeffroiError("it has no picture in it: check what the url names")
        height, width = picture.pixels.shape[:2]
        return f"a picture of {width} x {height} after {clock.monotonic() - began:.1f} s"

    return Trial(f"camera {camera.id}", run, camera.open_timeout_s + camera.read_timeout_s + _GRACE_S)


def broker_trial(mqtt: MqttSettings, probe: Callable[[MqttSettings, Clock], None], clock: Clock) -> Trial:
    """Connect and leave."""

    def run() -> str:
        probe(mqtt, clock)
        return "connected"

    return Trial("broker", run, _BROKER_S)


def telegram_trial(telegram: TelegramSettings, probe: Callable[[TelegramSettings], str]) -> Trial:
    """Ask for the bot's name; nobody is sent anything."""

    def run() -> str:
        return f"the bot is {probe(telegram)}"

    return Trial("telegram", run, 2 * telegram.timeout_s + _GRACE_S)


def trials_of(settings: Settings, clock: Clock) -> List[Trial]:
    """Every enabled camera, the broker and the bot, as far as they are configured."""
    from agent.sources.registry import open_source
    from alerts.mqtt.probe import probe

    trials = [camera_trial(camera, open_source, clock) for camera in settings.cameras if camera.enabled]
    if settings.mqtt is not None:
        trials.append(broker_trial(settings.mqtt, probe, clock))
    if settings.telegram is not None:
        from alerts.telegram.probe import probe as ask_telegram

        trials.append(telegram_trial(settings.telegram, ask_telegram))
    return trials


def attempt(trials: Sequence[Trial], clock: Clock) -> Iterator[Outcome]:
    """Run all at once and yield each outcome as it comes; one that overruns its limit has failed."""
    done: queue.Queue[Outcome] = queue.Queue()
    for trial in trials:
        # Daemons: a driver that hangs must not keep the command from ending.
        threading.Thread(target=_run, args=(trial, done), name=trial.what, daemon=True).start()
    began = clock.monotonic()
    waiting: List[Trial] = list(trials)
    while waiting:
        left = max(trial.limit_s for trial in waiting) - (clock.monotonic() - began)
        try:
            outcome = done.get(timeout=max(left, 0.0))
        except queue.Empty:
            break
        waiting = [trial for trial in waiting if trial.what != outcome.what]
        yield outcome
    for trial in waiting:
        yield Outcome(
            trial.what, False, f"no answer within {trial.limit_s:g} s: check the network and the device"
        )


def _run(trial: Trial, done: queue.Queue[Outcome]) -> None:
    try:
        outcome = Outcome(trial.what, True, trial.run())
    except BeffroiError as error:
        outcome = Outcome(trial.what, False, str(error))
    except Exception as error:  # noqa: BLE001 - a thread's top: what it did not foresee must be told, too
        outcome = Outcome(
            trial.what, False, f"failed unexpectedly ({type(error).__name__}): please report it"
        )
    done.put(outcome)
