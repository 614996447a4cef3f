from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.device.account import Account, account_of, present_account

NOBODY = Account("nobody", 65_500, frozenset([65_501]))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    for place in (tmp_path, *tmp_path.parents):
        if not NOBODY.may(place, "x"):
            place.chmod(0o755)
    path = tmp_path / "file"
    path.touch()
    return path


@pytest.mark.parametrize(("mode", "may"), [(0o600, False), (0o660, False), (0o666, True), (0o664, False)])
def test_another_user_goes_by_the_bits_for_all(file: Path, mode: int, may: bool) -> None:
    file.chmod(mode)
    assert NOBODY.may(file, "rw") is may


def test_an_owner_and_a_group_go_by_theirs(file: Path) -> None:
    found = file.stat()
    file.chmod(0o060)
    assert Account("g", 65_500, frozenset([found.st_gid])).may(file, "rw")
    if found.st_uid != 0:
        assert not Account("o", found.st_uid, frozenset([found.st_gid])).may(file, "r")


def test_a_folder_above_may_be_shut(file: Path) -> None:
    file.chmod(0o666)
    file.parent.chmod(0o700)
    assert not NOBODY.may(file, "r")
    assert Account("root", 0, frozenset([0])).may(file, "rw")


def test_the_present_user(file: Path) -> None:
    present = present_account()
    assert present.uid == os.geteuid()
    assert present.may(file, "rw")
    with pytest.raises(FileNotFoundError):
        present.may(file.parent / "missing", "r")


def test_users_by_name() -> None:
    root = account_of("root")
    assert root is not None
    assert (root.uid, root.present) == (0, os.geteuid() == 0)
    daemon = account_of("daemon")
    assert daemon is not None
    assert not daemon.present
    assert daemon.groups
    assert account_of("no-such-user-here") is None


def test_a_user_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 4_000_000)
    assert present_account().name == "4000000"
