"""Puts one picture of the scene together: street, traffic, smoke and fire, sensor."""

from __future__ import annotations

import math

import cv2
import numpy as np

from agent.ports import Picture
from agent.sources.scene.effects import Effects
from agent.sources.scene.light import GLOWS, exposures
from agent.sources.scene.noise import Bytes
from agent.sources.scene.script import Blaze, SceneScript
from agent.sources.scene.sensor import Sensor
from agent.sources.scene.street import build_street
from agent.sources.scene.traffic import Traffic
from agent.sources.scene.view import View


class Stage:
    """A scene ready to be shown; a picture depends on the seed, the size, the script and the time only."""

    def __init__(self, seed: int, width: int, height: int, script: SceneScript) -> None:
        streets, others = (np.random.default_rng(part) for part in np.random.SeedSequence(seed).spawn(2))
        view = View(width, height)
        street = build_street(view, streets)
        self._script = script
        self._size = (width, height)
        self._exposures = exposures(view, street, streets)
        self._traffic = Traffic(view, others, street.site, script.smoke_at)
        self._effects = Effects(view, street, others)
        self._sensor = Sensor(others, width, height)

    def render(self, media_s: float) -> Picture:
        """The picture `media_s` seconds into the story (H x W x 3, BGR)."""
        blaze = self._script.blaze(media_s)
        picture = self._lit(_glow(blaze, media_s))
        self._traffic.draw(picture, media_s)
        if blaze.smoke > 0.0 or blaze.flame > 0.0 or blaze.fire > 0.0:
            layer = self._effects.layer(blaze, media_s - self._script.smoke_at, media_s)
            keeps = cv2.resize(layer.keeps, self._size, interpolation=cv2.INTER_LINEAR)
            adds = cv2.resize(layer.adds, self._size, interpolation=cv2.INTER_LINEAR)
            picture = np.asarray(cv2.add(cv2.multiply(picture, keeps, scale=1 / 255), adds), np.uint8)
        return self._sensor.expose(picture, round(media_s * 1000))

    def _lit(self, glow: float) -> Bytes:
        """The street under a fire's light of strength `glow` (0..1): between the two nearest exposures."""
        after = min(next((i for i, at in enumerate(GLOWS) if at >= glow), len(GLOWS) - 1), len(GLOWS) - 1)
        if after == 0:
            return np.array(self._exposures[0])
        share = (glow - GLOWS[after - 1]) / (GLOWS[after] - GLOWS[after - 1])
        darker, brighter = self._exposures[after - 1], self._exposures[after]
        return np.asarray(cv2.addWeighted(darker, 1.0 - share, brighter, share, 0.0), np.uint8)


def _glow(blaze: Blaze, media_s: float) -> float:
    """How much the fire lights the street: it flickers, and a small flame lights little."""
    flicker = 0.86 + 0.08 * math.sin(11.0 * media_s) + 0.06 * math.sin(17.3 * media_s + 1.0)
    return flicker * min(1.0, 0.10 * blaze.flame + 0.90 * blaze.fire)
