"""The keepers of one agent's engines, put together from its settings, its watching and its trouble."""

from __future__ import annotations

from typing import Callable, List, Optional, Set

from agent.assembly.faces import Faces
from agent.assembly.trouble import DeviceTrouble
from agent.assembly.watching import Watching
from agent.config.settings import Settings
from agent.engines.keeper import Keeper, Keepers
from agent.engines.machine import find_toolkit
from agent.engines.order import Order, order
from agent.engines.workshop import Workshop
from agent.faces.bundles import face_bundles
from agent.ports import Clock

TENSORRT = "tensorrt"
ENGINE, FACE_ENGINE = "engine", "face-engine"
"""The reasons of the device's incidents where there is no engine to look with."""

_ONNXRUNTIME = "onnxruntime"


def make_keepers(
    settings: Settings, watching: Watching, faces: Faces, trouble: DeviceTrouble, clock: Clock
) -> Optional[Keepers]:
    """That of fire, then those of faces. None where the configuration wants no TensorRT: an engine that
    failed before is no trouble then."""
    keepers: List[Keeper] = []
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
        keepers += _of_faces(settings, faces, trouble, clock)
    return Keepers(keepers) if keepers else None


def _of_faces(settings: Settings, faces: Faces, trouble: DeviceTrouble, clock: Clock) -> List[Keeper]:
    """One for the detector and one for the embedder; trouble of either is one trouble."""
    wrong: Set[int] = set()

    def keeper(which: int) -> Keeper:
        def tell(why: Optional[str]) -> None:
            (wrong.discard if why is None else wrong.add)(which)
            trouble.tell(FACE_ENGINE, wrong=bool(wrong))

        def backend() -> str:
            return faces.models[which].backend if faces.models else ""

        return _keeper(
            lambda: order(settings, face_bundles(settings)[which]), faces.renew, backend, tell, clock
        )

    return [keeper(0), keeper(1)]


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
