from __future__ import annotations

from datetime import timedelta

from agent.domain.access import ChatKind, Member, Role
from agent.domain.incident import Kind
from agent.domain.silence import Silence
from agent.store.audit import Audit
from agent.store.database import Database
from agent.store.dialogues import Dialogues
from agent.store.invitations import Invitations
from agent.store.members import Members
from agent.store.retention import Retention
from agent.store.retention_plan import Disk
from agent.store.silences import Silences
from agent.store.strangers import Strangers
from tests.fakes.clock import FakeClock

DAY = 86400.0
TABLES = ("invitations", "silences", "dialogues", "audit", "strangers", "user_names", "members")


def test_the_regular_round_forgets_what_is_over(database: Database, clock: FakeClock) -> None:
    members = Members(database, clock)
    retention = Retention(database, clock, 90, 0.9, disk=lambda _: Disk(used=0, free=10**12))
    members.admit(Member(1, ChatKind.PRIVATE, "Anna", Role.ADMIN, "en", clock.now(), "shell:root"))
    members.remember(1, "Anna")
    members.remember(2, "Bert")
    Strangers(database, clock).met(3)
    Audit(database, clock).note(1, 1, "ack")
    Invitations(database, clock).issue(Role.VIEWER, "shell:root", 60)
    until = clock.now() + timedelta(seconds=60)
    Silences(database, clock).add(Silence("yard", Kind.OBJECT, clock.now(), until, "telegram:1"))
    Dialogues(database, clock).put(1, 1, "enrol", {}, 60)

    def rows() -> str:
        retention.run()
        with database.read() as connection:
            found = [connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() for table in TABLES]
        return " ".join(map(str, found))

    assert rows() == "1 1 1 1 1 2 1"
    clock.advance(60)
    # The bot has yet to say that the dialogue timed out.
    assert rows() == "0 0 1 1 1 2 1"
    clock.advance(DAY)
    assert rows() == "0 0 0 1 1 2 1"
    clock.advance(90 * DAY)
    # A member's name stays.
    assert rows() == "0 0 0 0 0 1 1"
