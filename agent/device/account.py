"""Who the agent runs as, and what that user may read and write."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import FrozenSet, Optional

_BITS = {"r": 4, "w": 2, "x": 1}
_MODES = {"r": os.R_OK, "w": os.W_OK, "x": os.X_OK}


@dataclass(frozen=True)
class Account:
    """A user and its groups; `present` where it is the one that runs this very process."""

    name: str
    uid: int
    groups: FrozenSet[int]
    present: bool = False

    def may(self, path: Path, wanted: str) -> bool:
        """Whether it may do what `wanted` says, some of `rwx`, and get there at all.

        For another user than the present one by the mode bits, which access control lists may widen.
        Raises OSError where the path is not there or cannot be looked at.
        """
        found = path.stat()
        if self.present:
            return all(os.access(str(path), _MODES[letter]) for letter in wanted)
        if self.uid == 0:
            return True
        above = [parent.stat() for parent in path.resolve().parents]
        return self._allowed(found, wanted) and all(self._allowed(parent, "x") for parent in above)

    def _allowed(self, found: os.stat_result, wanted: str) -> bool:
        shift = 6 if found.st_uid == self.uid else 3 if found.st_gid in self.groups else 0
        granted = stat.S_IMODE(found.st_mode) >> shift
        return all(granted & _BITS[letter] for letter in wanted)


def present_account() -> Account:
    """Whoever runs this process."""
    uid = os.geteuid()
    return Account(_name(uid), uid, frozenset([os.getegid(), *os.getgroups()]), present=True)


def account_of(name: str) -> Optional[Account]:
    """The user of that name; None where there is none."""
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        return None
    present = present_account()
    if found.pw_uid == present.uid:
        return present
    groups = {found.pw_gid, *(group.gr_gid for group in grp.getgrall() if name in group.gr_mem)}
    return Account(name, found.pw_uid, frozenset(groups))


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
