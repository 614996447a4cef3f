"""Bundles to install from: one made as for a device, and builds of other versions, good and bad."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Dict, Mapping

from tests.systemd.nspawn import CHECKOUT

PYTHON = "/usr/bin/python3"
"""The one that is in every copy of this machine."""

_LIMIT_S = 240


class NoBundleError(Exception):
    """The wheels cannot be had here; says why."""


def make_bundle(folder: Path) -> Path:
    """What deploy/bundle.sh makes for a machine like this one. Raises NoBundleError."""
    show = [PYTHON, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    version = subprocess.run(show, check=True, capture_output=True, text=True).stdout.strip()
    script = str(CHECKOUT / "deploy" / "bundle.sh")
    done = subprocess.run(
        [script, "--python", version, "--arch", platform.machine(), str(folder)],
        env={**os.environ, "PYTHON": PYTHON},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_LIMIT_S,
        check=False,
    )
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise NoBundleError(f"no bundle can be made here: {last[0]}")
    return folder


def vary(bundle: Path, folder: Path, version: str, files: Mapping[str, str]) -> Path:
    """The bundle with another version of ours: `files` replace or join those of its wheel."""
    shutil.copytree(bundle, folder, copy_function=os.link)
    (old,) = (folder / "wheels").glob("beffroi-*.whl")
    parts = old.name.split("-")
    new = old.with_name("-".join([parts[0], version, *parts[2:]]))
    with zipfile.ZipFile(old) as archive:
        contents: Dict[str, bytes] = {name: archive.read(name) for name in archive.namelist()}
    contents.update({name: text.encode() for name, text in files.items()})
    was, now = f"{parts[0]}-{parts[1]}.dist-info", f"{parts[0]}-{version}.dist-info"
    contents = {name.replace(was, now): data for name, data in contents.items()}
    metadata, record = f"{now}/METADATA", f"{now}/RECORD"
    contents[metadata] = contents[metadata].replace(
        f"\nVersion: {parts[1]}\n".encode(), f"\nVersion: {version}\n".encode()
    )
    contents[record] = "".join(f"{name},,\n" for name in contents).encode()
    old.unlink()
    with zipfile.ZipFile(new, "w", zipfile.ZIP_STORED) as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    _sign(folder, old, new)
    return folder


def _sign(folder: Path, old: Path, new: Path) -> None:
    sums = folder / "SHA256SUMS"
    kept = [line for line in sums.read_text().splitlines() if not line.endswith(old.name)]
    digest = hashlib.sha256(new.read_bytes()).hexdigest()
    sums.unlink()  # it is the same file as in the bundle that this came from
    sums.write_text("\n".join([*kept, f"{digest}  wheels/{new.name}", ""]))
