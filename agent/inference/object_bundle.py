"""Where the bundle that boxes objects is: installed, among those made on this device, or the user's own."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from agent.errors import BundleError
from agent.inference.bundle import MANIFEST, Bundle, load_bundle, shipped

PUBLISHED = "yolox-nano"
"""The default. It is made of the file that its authors publish, which does not ship."""


def object_bundle(name_or_folder: str, home: Optional[Path] = None) -> Bundle:
    """The bundle of that name among those that ship or in `home`, where a device keeps those made on it, or
    the one in that folder; verified.

    Raises BundleError, which says how to get it where it is the published one that is missing.
    """
    if name_or_folder not in [folder.name for folder in shipped()]:
        made = None if home is None else home / name_or_folder
        if made is not None and (made / MANIFEST).is_file():
            return load_bundle(str(made), "object-detection")
        if name_or_folder == PUBLISHED and not Path(name_or_folder).is_dir():
            raise BundleError(
                f"there is no bundle {PUBLISHED}: get yolox_nano.onnx of YOLOX (Megvii) and, where the "
                "package onnx is installed, run `python -m models convert yolox yolox_nano.onnx --to "
                f"{made or PUBLISHED}`; or name a bundle of your own"
            )
    return load_bundle(name_or_folder, "object-detection")
