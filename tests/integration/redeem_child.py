"""Redeems each code that it reads from its input, and writes whether it won."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

from agent.clock import SystemClock
from agent.store.database import open_beside
from agent.store.invitations import Invitations


def main(path: Path, chat: int) -> None:
    clock = SystemClock()
    with closing(open_beside(path, clock)) as database:
        invitations = Invitations(database, clock)
        print("ready", flush=True)
        for line in sys.stdin:
            print("lost" if invitations.redeem(line, chat) is None else "won", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
