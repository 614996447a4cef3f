"""The disk that incidents are kept on: room, wear, and the database."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Optional

from agent.device import disk
from agent.doctor.finding import Finding, failed, not_applicable, ok, warning
from agent.doctor.subject import Subject
from agent.doctor.words import share, size
from agent.errors import StoreError

_FULL = 100_000_000
_FULL_SHARE = 0.95
_WORN = 0.8
_YOUNG = timedelta(days=2)
"""What was written in less time than this says nothing about a month."""


def room(subject: Subject) -> Finding:
    folder = disk.nearest(subject.data_folder)
    mount = disk.mount_of(subject.root, folder)
    space = disk.space(folder)
    where = str(folder) if mount is None else f"{mount.device} ({mount.kind}) at {mount.point}"
    full = space.used / max(1, space.used + space.free)
    found = f"{size(space.free)} of {size(space.total)} free on {where}"
    if mount is not None and mount.read_only:
        return failed(
            f"{where} can only be read",
            "the kernel does so when a disk fails: look at `journalctl -k`, replace the disk if it does",
        )
    if space.free < _FULL:
        return failed(found, "free some space: incidents are kept without pictures, later not at all")
    if full > _FULL_SHARE:
        return warning(
            found, f"it is {share(full)} full: delete what is not needed (`sudo du -xh / | sort -h`)"
        )
    return ok(found)


def wear(subject: Subject) -> Finding:
    mount = disk.mount_of(subject.root, disk.nearest(subject.data_folder))
    found = None if mount is None else disk.wear(subject.root, mount.device, subject.ask)
    if mount is None or found is None:
        return not_applicable("the disk does not tell (SD cards never do; NVMe wants root and nvme-cli)")
    text = f"{share(found.used)} of the life of {mount.device} is used"
    if found.failing or found.used >= 1:
        return failed(text, "copy the data folder and replace the disk: it can fail any day")
    if found.used >= _WORN:
        return warning(text, "plan to replace the disk")
    return ok(text)


def retention(subject: Subject) -> Finding:
    """Whether as many days of pictures fit as are to be kept."""
    if subject.settings is None:
        return not_applicable("no configuration")
    from agent.store.retention import disk_of
    from agent.store.snapshots import stored_files

    store = subject.settings.store
    if not store.folder.is_dir():
        return not_applicable("nothing is stored yet")
    space = disk_of(store.folder)
    if space.excess(store.disk_share):
        return warning(
            f"fuller than store.disk_share ({share(store.disk_share)}): the oldest pictures are deleted",
            "free some space, or keep fewer days with store.keep_days",
        )
    pictures = list(stored_files(store.folder))
    size_now = sum(picture.size for picture in pictures)
    kept = f"{size(size_now)} of pictures; {store.keep_days:g} days are kept"
    oldest = min((picture.written_at for picture in pictures), default=None)
    age = timedelta(0) if oldest is None else subject.clock.now() - oldest
    if age < _YOUNG:
        return ok(kept)
    allowed = size_now + store.disk_share * (space.used + space.free) - space.used
    fit = allowed / (size_now / age.total_seconds()) / 86_400 if size_now else store.keep_days
    if fit < store.keep_days:
        return warning(
            f"{kept}, but at this pace only about {fit:.0f} fit",
            "give it a larger disk, or lower store.keep_days to what fits; nothing breaks either way",
        )
    return ok(kept)


def database(subject: Subject) -> Finding:
    """Opened for reading only: a running agent is not disturbed, and nothing is upgraded."""
    if subject.settings is None:
        return not_applicable("no configuration")
    from agent.store.database import open_for_reading

    path = subject.settings.store.folder / "beffroi.db"
    if not _is_file(path):
        return not_applicable(f"{path} is made when the agent first starts")
    try:
        opened = open_for_reading(path)
    except StoreError as error:
        return _about(str(error), path)
    opened.close()
    return ok(f"{path} opens and is of this version")


def _about(text: str, path: Path) -> Finding:
    what, _, remedy = text.partition(f"{path}: ")[2].partition(": ")
    if "older" in what:
        return warning(what, "it is brought up to date, after a backup, when the agent starts")
    return failed(what or text, remedy or "see docs/doctor.md")


def _is_file(path: Path) -> Optional[bool]:
    try:
        return path.is_file()
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}") from error
