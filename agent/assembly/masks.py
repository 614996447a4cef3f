"""The privacy masks of an agent's cameras, as they are configured."""

from __future__ import annotations

from agent.config.settings import Settings
from agent.vision.mask import Masks


def masks_of(settings: Settings) -> Masks:
    """Those of every camera."""
    return Masks({camera.id: camera.objects.masks for camera in settings.cameras})
