"""The keepers of one agent's engines, put together from its settings, its watching and its trouble."""

from __future__ import annotations

import threading
from typing import Callable, List, Optional, Sequence, Set

from agent.assembly.beside import LookBeside
from agent.assembly.objects import objects_bundle
from agent.assembly.trouble import DeviceTrouble
from agent.assembly.watching import Watching
from agent.config.settings import Settings
from agent.engines.keeper import Keeper, Keepers, Keeps
from agent.engines.machine import find_toolkit
from agent.engines.order import Order, order
from agent.engines.workshop import Workshop
from agent.faces.bundles import face_bundles
from agent.inference.bundle import Bundle
from agent.ports import Clock

TENSORRT = "tensorrt"
ENGINE, FACE_ENGINE, OBJECT_ENGINE = "engine", "face-engine", "object-engine"
"""The reasons of the device's incidents where there is no engine to look with."""

_ONNXRUNTIME = "onnxruntime"

_LOADED_WITHIN_S, _PAUSE_S = 900.0, 1.0
"""The networks of faces may have to be made first; see agent.faces.provision."""


def _nothing() -> None:
    """The default for what a caller has no use for."""


def make_keepers(
    settings: Settings,
    watching: Watching,
    faces: LookBeside,
    objects: LookBeside,
    trouble: DeviceTrouble,
    clock: Clock,
) -> Optional[Keepers]:
    """That of fire, then those of faces and that of objects, which may box flames for fire. None where the
    configuration wants no TensorRT: an engine that failed before is no trouble then."""
    keepers: List[Keeps] = []
    if settings.fire.backend == _ONNXRUNTIME:
        trouble.tell(ENGINE, wrong=False)
    else:
        keepers.append(
            _keeper(
                lambda: order(settings),
                watching.renew,
                lambda: watching.model.backend,
                lambda why: trouble.tell(ENGINE, wrong=why is not None),
                clock,
            )
        )
    if settings.faces.backend == _ONNXRUNTIME or not faces.wanted:
        trouble.tell(FACE_ENGINE, wrong=False)
    else:
        detector, embedder = (_face_bundle(settings, which) for which in (0, 1))
        keepers += _beside(settings, faces, [detector, embedder], FACE_ENGINE, trouble, clock)
    boxed = watching.model.boxed_by is not None
    if settings.objects.backend == _ONNXRUNTIME or not (objects.wanted or boxed):
        trouble.tell(OBJECT_ENGINE, wrong=False)
    elif objects.wanted:
        bundles = [lambda: objects_bundle(settings)]
        also = watching.renew if boxed else _nothing
        keepers += _beside(settings, objects, bundles, OBJECT_ENGINE, trouble, clock, also)
    else:
        keepers.append(
            _keeper(
                lambda: order(settings, objects_bundle(settings)),
                watching.renew,
                lambda: _boxing_backend(watching),
                lambda why: trouble.tell(OBJECT_ENGINE, wrong=why is not None),
                clock,
            )
        )
    return Keepers(keepers) if keepers else None


def _boxing_backend(watching: Watching) -> str:
    """What runs the second network of fire; nothing while the first looks alone."""
    second = watching.model.boxed_by
    return "" if second is None else second.backend


def _face_bundle(settings: Settings, which: int) -> Callable[[], Bundle]:
    return lambda: face_bundles(settings)[which]


def _beside(
    settings: Settings,
    look: LookBeside,
    bundles: Sequence[Callable[[], Bundle]],
    reason: str,
    trouble: DeviceTrouble,
    clock: Clock,
    also: Callable[[], None] = _nothing,
) -> List[Keeps]:
    """One for each of the networks that look; trouble of any is one trouble. `also` is what else looks with
    them, to be renewed, too."""
    wrong: Set[int] = set()

    def keeper(which: int) -> Keeps:
        def tell(why: Optional[str]) -> None:
            (wrong.discard if why is None else wrong.add)(which)
            trouble.tell(reason, wrong=bool(wrong))

        def wanted() -> Order:
            return order(settings, bundles[which]())

        def backend() -> str:
            return look.models[which].backend if look.models else ""

        def renew() -> None:
            look.renew()
            also()

        return _OnceTried(_keeper(wanted, renew, backend, tell, clock), look, clock)

    return [keeper(which) for which in range(len(bundles))]


class _OnceTried:
    """Waits until the networks were loaded, or could not be: before that an engine that is there seems not to
    run, and would be built anew."""

    def __init__(self, keeper: Keeper, look: LookBeside, clock: Clock) -> None:
        self._keeper = keeper
        self._look = look
        self._clock = clock

    def run(self, stop: threading.Event) -> None:
        deadline = self._clock.monotonic() + _LOADED_WITHIN_S
        while not (self._look.tried or self._clock.monotonic() >= deadline):
            if self._clock.wait(stop, _PAUSE_S):
                return
        self._keeper.run(stop)


def _keeper(
    wanted: Callable[[], Order],
    renew: Callable[[], None],
    backend: Callable[[], str],
    tell: Callable[[Optional[str]], None],
    clock: Clock,
) -> Keeper:
    return Keeper(
        wanted,
        find_toolkit,
        Workshop(clock),
        renew=renew,
        runs=lambda: backend() == TENSORRT,
        tell=tell,
        clock=clock,
    )
