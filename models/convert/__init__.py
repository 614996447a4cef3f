"""Make a bundle of a network that others published: one line a converter, imported only when asked for."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Callable, Dict, Optional, Tuple

import typer

from agent.errors import BundleError

Converter = Callable[[Optional[Path], Path], None]
"""Given the source, where one was named, it writes the bundle into a folder. Raises BundleError."""

CONVERTERS: Dict[str, Tuple[str, str, str]] = {
    "yunet": ("models.convert.yunet", "convert_yunet", "yunet"),
    "yunet-wide": ("models.convert.yunet", "convert_yunet_wide", "yunet-wide"),
    "yunet-portrait": ("models.convert.yunet", "convert_yunet_portrait", "yunet-portrait"),
    "dlib-face": ("models.convert.dlib_face", "convert_dlib_face", "dlib-face"),
    "yolox": ("models.convert.yolox", "convert_yolox", "yolox-nano"),
}
"""By what is converted: module, function, and the name of the bundle."""

BUNDLES = Path(__file__).parent.parent / "bundles"


def convert(
    what: str = typer.Argument(..., help=f"One of {', '.join(CONVERTERS)}."),
    source: Optional[Path] = typer.Argument(None, help="The published file, where no package holds it."),
    to: Optional[Path] = typer.Option(
        None, "--to", help="The bundle's folder; left out, among the bundles that ship."
    ),
) -> None:
    """Make the bundle WHAT of the network that its authors published."""
    if what not in CONVERTERS:
        raise BundleError(f"there is no converter {what!r}: there are {', '.join(CONVERTERS)}")
    module, function, name = CONVERTERS[what]
    converter: Converter = getattr(import_module(module), function)
    folder = to or BUNDLES / name
    converter(source, folder)
    sys.stdout.write(f"{folder}\n")
