"""What makes a copy of this machine's root a machine of its own."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

_NOT_THEIRS = ("etc/beffroi", "opt/beffroi", "var/lib/beffroi", "var/cache/beffroi")


def furnish(root: Path) -> None:
    """Make the copy a machine of its own: no identity, nothing enabled, nothing to mount."""
    (root / "etc/machine-id").write_text("", encoding="ascii")
    (root / "etc/hostname").write_text("tower\n", encoding="ascii")
    (root / "etc/fstab").write_text("", encoding="ascii")
    units = root / "etc/systemd/system"
    for enabled in [*units.glob("*.wants"), *units.glob("*.requires"), *units.glob("beffroi.*")]:
        _remove(enabled)
    for name in _NOT_THEIRS:
        _remove(root / name)
    generators = root / "etc/systemd/system-generators"
    generators.mkdir(parents=True, exist_ok=True)
    _remove(generators / "systemd-sysv-generator")
    (generators / "systemd-sysv-generator").symlink_to("/dev/null")
    journald = root / "etc/systemd/journald.conf.d"
    journald.mkdir(parents=True, exist_ok=True)
    (journald / "tests.conf").write_text("[Journal]\nStorage=volatile\n", encoding="ascii")


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(str(path))
    else:
        with suppress(FileNotFoundError):
            path.unlink()
