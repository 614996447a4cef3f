"""What `beffroi watch` knows of a camera's place, and the things that it looks for there."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, List, Optional, Sequence, Tuple, Union

from agent.config.fire_settings import CameraFireSettings
from agent.config.loader import load
from agent.config.object_policy import object_policy_settings
from agent.config.object_settings import CameraObjectSettings, ObjectsSettings
from agent.config.polygons import corners, ends
from agent.domain.detection import Tracked
from agent.domain.geometry import Line
from agent.domain.incident import Change
from agent.domain.object_event import ObjectEvent
from agent.domain.policy.objects import ObjectPolicy
from agent.domain.zone import Zone
from agent.errors import ConfigError
from agent.faces.bundles import cache
from agent.ports import Frame, ObjectDetector, ObjectTracker
from agent.vision.ignored import Ignored
from agent.vision.mask import Masks


@dataclass(frozen=True)
class Scenery:
    """The settings of one camera's objects, and of what finds them (None where nothing is looked for); `home`
    is where bundles that were made on this device are kept. `boxes` is what boxes flames beside the fire
    classifier, and `fire` says where they belong."""

    camera: str
    section: CameraObjectSettings
    models: Optional[ObjectsSettings]
    home: Optional[Path]
    boxes: ObjectsSettings
    fire: CameraFireSettings

    @property
    def zones(self) -> List[Zone]:
        """Those to be shown; a mask shows itself."""
        zones = self.section.zones or []
        return [Zone(zone.name, corners(zone.polygon)) for zone in zones if zone.kind != "mask"]

    @property
    def lines(self) -> List[Line]:
        return [Line(line.name, *ends(line.points)) for line in self.section.lines or []]

    @property
    def masks(self) -> Masks:
        return Masks({self.camera: self.section.masks})

    @property
    def ignored(self) -> Ignored:
        return Ignored({self.camera: self.fire.ignored})


def scenery(camera: str, config: Optional[Path], bundle: Optional[str]) -> Scenery:
    """That of a camera in a configuration, bare without one. Things are looked for where it has rules, or
    where a `bundle` is named. Raises ConfigError."""
    section, models, home, fire = CameraObjectSettings(), ObjectsSettings(), None, CameraFireSettings()
    if config is not None:
        settings = load(config, os.environ)
        chosen = next((one for one in settings.cameras if one.id == camera), None)
        if chosen is None:
            known = ", ".join(one.id for one in settings.cameras)
            raise ConfigError(f"{config} has no camera {camera}: say --camera with one of {known}")
        section, models, home = chosen.objects, settings.objects, cache(settings)
        fire = chosen.fire
    if bundle is not None:
        models = models.model_copy(update={"bundle": bundle})
    wanted = bundle is not None or section.wanted
    return Scenery(camera, section, models if wanted else None, home, models, fire)


class Things:
    """Implements agent.pipeline.watch.ThingWatch: detector, tracker and the camera's rules, under masks."""

    def __init__(
        self,
        scenery: Scenery,
        detector: ObjectDetector,
        tracker: ObjectTracker,
        new_id: Callable[[], str],
    ) -> None:
        self._masks = scenery.masks
        self._detector = detector
        self._tracker = tracker
        self._policy = ObjectPolicy(scenery.camera, object_policy_settings(scenery.section), new_id)

    def look(self, frame: Frame) -> Tuple[Sequence[Tracked], List[Union[Change, ObjectEvent]]]:
        (found,) = self._detector.find([self._masks.over(frame.camera, frame.pixels)])
        tracked = self._tracker.look(found, frame.at.monotonic)
        height, width = frame.pixels.shape[:2]
        return tracked, self._policy.look(tracked, frame.at, self._detector.model, width / height)
