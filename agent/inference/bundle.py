"""Bundles: found by name among those that ship, or by folder, and verified before anything runs."""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import List, Optional

from pydantic import ValidationError

from agent.errors import BundleError
from agent.inference.manifest import Manifest, Task

MODEL = "model.onnx"
MANIFEST = "manifest.json"
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Bundle:
    """A verified bundle: its folder and its manifest."""

    folder: Path
    manifest: Manifest

    @property
    def model(self) -> Path:
        return self.folder / MODEL


def load_bundle(name_or_folder: str, task: Optional[Task] = None) -> Bundle:
    """The bundle of that name among those that ship, or in that folder.

    Raises BundleError where it is missing, its manifest is wrong, the model is not the one it names, or does
    another task than `task`.
    """
    folder = _find(name_or_folder)
    manifest = read_manifest(folder)
    if task is not None and manifest.task != task:
        raise BundleError(f"{folder} is a bundle for {manifest.task}: name one for {task}")
    model = folder / MODEL
    if not model.is_file():
        raise BundleError(f"{model} is missing: the bundle is incomplete, copy or install it again")
    found = sha256_of(model)
    if found != manifest.sha256:
        raise BundleError(
            f"{model} is not the model that {MANIFEST} names: sha256 {found}, expected {manifest.sha256}. "
            "The file is damaged or was exchanged: install the bundle again"
        )
    return Bundle(folder, manifest)


def read_manifest(folder: Path) -> Manifest:
    """The manifest in `folder`; raises BundleError saying what is wrong with it."""
    path = folder / MANIFEST
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BundleError(f"{path} cannot be read: {error.strerror}. Is {folder} a bundle?") from error
    except UnicodeDecodeError as error:
        raise BundleError(f"{path} is not UTF-8 text: install the bundle again") from error
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, one['loc'])) or 'the document'}: {one['msg']}" for one in error.errors()
        )
        raise BundleError(f"{path}: {wrong}") from error


def shipped() -> List[Path]:
    """The folders of the bundles that are installed with the agent, by name."""
    # Found without importing `models`, whose code is for training.
    spec = importlib.util.find_spec("models")
    if spec is None or not spec.submodule_search_locations:
        return []
    home = Path(next(iter(spec.submodule_search_locations))) / "bundles"
    return sorted(path.parent for path in home.glob(f"*/{MANIFEST}"))


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _find(name_or_folder: str) -> Path:
    by_name = {folder.name: folder for folder in shipped()}
    if name_or_folder in by_name:
        return by_name[name_or_folder]
    folder = Path(name_or_folder)
    if folder.is_dir():
        return folder
    there = ", ".join(by_name) or "none"
    raise BundleError(
        f"there is no bundle {name_or_folder!r}: installed are {there}; "
        f"or give a folder that holds {MODEL} and {MANIFEST}"
    )
