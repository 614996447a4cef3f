"""Tell, in plain words and as it happens, how a fire travels from the street to the city."""

from __future__ import annotations

import queue
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Dict, List, Optional

import cv2
from rich.console import Console

from agent.config.settings import Settings
from agent.demo.broker import Broker, broker
from agent.demo.subscriber import Received, subscribed
from agent.ports import Clock
from agent.service import Agent
from agent.sources.scene import SceneScript, parse_scene_url
from agent.store.database import open_for_reading
from agent.store.history import History, PastIncident

_CAMERA = "market-street"
_ROOT = "beffroi/v1/demo/belfry"
_PATIENCE_S = 60.0
_PHASES = (
    ("calm_at", "the street is calm: lamps, windows, someone passing"),
    ("smoke_at", "smoke begins to rise (nobody tells the agent)"),
    ("flame_at", "a small flame shows"),
    ("fire_at", "it burns"),
)


def tell(folder: Optional[Path], seed: int, clock: Clock) -> bool:
    """Run the demonstration; true where the incident opened, escalated, was stored and was received.

    Raises BeffroiError where the agent cannot start.
    """
    console = Console(highlight=False)
    data = folder or Path(tempfile.mkdtemp(prefix="beffroi-demo-"))
    with broker() as where:
        console.print(f"[bold]Beffroi[/bold] watches a rendered street at dusk. Broker: {where.name}.")
        settings = _settings(where, data, seed)
        with subscribed(where.host, where.port, _ROOT) as received:
            agent = Agent(settings, clock)
            agent.start()
            try:
                story = _Story(console, clock, _script(settings))
                story.follow(received)
            finally:
                agent.stop()
    past = _stored(data, story.incident)
    story.conclude(past, data)
    return story.complete and past is not None and _pictures_decode(past, data)


def _settings(where: Broker, data: Path, seed: int) -> Settings:
    url = f"scene:?seed={seed}&calm_s=4&smoke_s=7&flame_s=6&fire_s=60"
    return Settings.model_validate(
        {
            "site": "demo",
            "device": "belfry",
            "cameras": [{"id": _CAMERA, "name": "Market street", "url": url}],
            "mqtt": {"host": where.host, "port": where.port, "version": "3.1.1"},
            "store": {"folder": data},
        }
    )


def _script(settings: Settings) -> SceneScript:
    options = parse_scene_url(settings.cameras[0].url.get_secret_value())
    return SceneScript(options.calm_s, options.smoke_s, options.flame_s, options.fire_s, options.out_s)


class _Story:
    """Follows the messages that the subscriber gets and says what they mean."""

    def __init__(self, console: Console, clock: Clock, script: SceneScript) -> None:
        self._console = console
        self._clock = clock
        self._ahead = [
            (script.smoke_at, _PHASES[1][1]),
            (script.flame_at, _PHASES[2][1]),
            (script.fire_at, _PHASES[3][1]),
        ]
        self._began: Optional[float] = None
        self._transitions: Dict[str, List[str]] = {}
        self.incident: Optional[str] = None

    @property
    def complete(self) -> bool:
        """One incident was received opening and escalating to fire."""
        return self.incident is not None and "escalated" in self._transitions[self.incident]

    def follow(self, received: queue.Queue[Received]) -> None:
        """Until the story is complete, or its time is up."""
        deadline = self._clock.monotonic() + _PATIENCE_S
        while not self.complete and self._clock.monotonic() < deadline:
            with suppress(queue.Empty):
                self._hear(received.get(timeout=0.2))
            self._narrate()

    def conclude(self, past: Optional[PastIncident], data: Path) -> None:
        """What is left of it, and where to look."""
        if not self.complete or past is None:
            self._console.print("[red]The story did not come to its end: see what was received above.[/red]")
            return
        self._console.print(f"\nStored as incident [bold]{past.incident.id}[/bold], with its pictures:")
        for entry in past.changes:
            if entry.snapshot is not None:
                self._console.print(f"  {data / entry.snapshot.annotated}", soft_wrap=True)
        self._console.print(
            f"\nMore: beffroi incidents show {past.incident.id} --folder {data}", soft_wrap=True
        )

    def _hear(self, message: Received) -> None:
        kind, _, _ = message.topic.partition("/")
        if kind == "availability":
            self._say(f"the agent is {message.body['text']}", "cyan")
        elif kind == "camera" and message.body.get("state") == "online" and self._began is None:
            self._began = self._clock.monotonic()
            self._say(f"the camera is online; {_PHASES[0][1]}", "white")
        elif kind == "incident":
            self._incident(message)

    def _incident(self, message: Received) -> None:
        data = message.body["data"]
        transition = message.topic.rpartition("/")[2]
        self._transitions.setdefault(data["incident_id"], []).append(transition)
        self.incident = self.incident or data["incident_id"]
        sure = data["confidence"]["now"]
        self._say(
            f"the city is told: [bold]{data['kind']} {transition}[/bold], {data['severity']}, "
            f"{sure:.0%} sure (event {message.body['id']})",
            "bold red" if data["kind"] == "fire" else "dark_orange",
        )

    def _narrate(self) -> None:
        while self._ahead and self._began is not None and self._elapsed() >= self._ahead[0][0]:
            self._say(self._ahead.pop(0)[1], "white")

    def _elapsed(self) -> float:
        return 0.0 if self._began is None else self._clock.monotonic() - self._began

    def _say(self, text: str, colour: str) -> None:
        self._console.print(f"{self._elapsed():5.1f} s  [{colour}]{text}[/{colour}]", soft_wrap=True)


def _stored(data: Path, incident: Optional[str]) -> Optional[PastIncident]:
    if incident is None:
        return None
    database = open_for_reading(data / "beffroi.db")
    try:
        return History(database).get(incident)
    finally:
        database.close()


def _pictures_decode(past: PastIncident, data: Path) -> bool:
    shots = [entry.snapshot for entry in past.changes if entry.snapshot is not None]
    paths = [data / path for shot in shots for path in (shot.annotated, shot.clean)]
    return bool(paths) and all(cv2.imread(str(path)) is not None for path in paths)
