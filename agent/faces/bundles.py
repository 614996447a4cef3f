"""The bundles that look for faces, as far as the configuration wants any."""

from __future__ import annotations

from pathlib import Path
from typing import List

from agent.config.settings import Settings
from agent.faces.provision import NAME, face_bundle
from agent.inference.bundle import MANIFEST, Bundle, load_bundle, shipped

CACHE = "models"
"""Below the data folder: bundles that were made on the device."""


def face_bundles(settings: Settings, *, make: bool = True) -> List[Bundle]:
    """The detector and the embedder where a camera looks for faces, else none.

    The embedder may have to be made first, which takes seconds: without `make` it is left out then. Raises
    BundleError.
    """
    if not any(camera.faces.wanted for camera in settings.cameras):
        return []
    found = [load_bundle(settings.faces.detector, "face-detection")]
    if make or _there(settings):
        folder = face_bundle(cache(settings), settings.faces.embedder)
        found.append(load_bundle(str(folder), "face-embedding"))
    return found


def cache(settings: Settings) -> Path:
    """Where bundles that were made on the device are kept."""
    return settings.store.folder / CACHE


def _there(settings: Settings) -> bool:
    name = settings.faces.embedder
    if name != NAME or name in [folder.name for folder in shipped()]:
        return True
    return (cache(settings) / NAME / MANIFEST).exists()
