"""Where the bundle that boxes objects is: installed, among those made on this device, or the user's own."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from agent.inference.bundle import MANIFEST, Bundle, load_bundle, shipped


def object_bundle(name_or_folder: str, home: Optional[Path] = None) -> Bundle:
    """The bundle of that name among those that ship or in `home`, where a device keeps those made on it, or
    the one in that folder; verified. Raises BundleError.
    """
    if home is not None and name_or_folder not in [folder.name for folder in shipped()]:
        made = home / name_or_folder
        if (made / MANIFEST).is_file():
            return load_bundle(str(made), "object-detection")
    return load_bundle(name_or_folder, "object-detection")
