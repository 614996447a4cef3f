"""The bot's reception on a real store, with a made-up agent behind it and people before it."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Iterator, List, Optional, Sequence

from agent.domain.access import ChatKind, Member, Role
from agent.domain.incident import Change
from agent.ports import SnapshotRef
from agent.store.audit import Audit, AuditEntry
from agent.store.bot_name import BotName
from agent.store.database import Database, open_database
from agent.store.dialogues import Dialogues
from agent.store.history import History
from agent.store.incidents import SqliteJournal
from agent.store.invitations import Invitations
from agent.store.members import Members
from agent.store.outbox import SqliteOutbox
from agent.store.shedding import OutboxBounds
from agent.store.strangers import Strangers
from alerts.bot.call import Person, Place, Reply, Services
from alerts.bot.incoming import Photo, Pressed, Said, Shown
from alerts.bot.reception import Reception
from alerts.telegram.pictures import Pictures
from alerts.telegram.wording import Place as Where
from tests.fakes.changes import opened
from tests.fakes.clock import FakeClock
from tests.fakes.controls import FakeControls
from tests.fakes.disk import fast_folder
from tests.fakes.enrolments import FakeEnrolments
from tests.fakes.pictures import jpeg

ANNA = Person(11, "Anna", "en")
BOB = Person(12, "Bob", "fr")
GROUP = Place(-100, ChatKind.GROUP, "Brigade")
USERNAME = "beffroi_bot"


def private(person: Person) -> Place:
    """The person's own chat with the bot."""
    return Place(person.id, ChatKind.PRIVATE, person.name)


class Lobby:
    """Say, press and show things as anybody; `restart` makes the reception anew on the same store."""

    def __init__(self, folder: Path, database: Database, clock: FakeClock) -> None:
        self.folder = folder
        self.database = database
        self.clock = clock
        self.controls = FakeControls(clock)
        self.enrolments = FakeEnrolments(clock)
        self.services = Services(
            controls=self.controls,
            clock=clock,
            history=History(database),
            members=Members(database, clock),
            invitations=Invitations(database, clock),
            strangers=Strangers(database, clock),
            audit=Audit(database, clock),
            dialogues=Dialogues(database, clock),
            bot_name=BotName(database),
            pictures=Pictures(folder),
            places={"yard": Where("Back yard", 50.85, 4.35), "gate": Where("North gate")},
            language="en",
            invitation_s=900.0,
            enrolments=self.enrolments,
        )
        self.reception: Reception
        self.restart()

    def restart(self) -> None:
        """What a start of the agent brings: nothing but the store is left."""
        self.reception = Reception(self.services)
        self.reception.username = USERNAME

    def without_faces(self) -> None:
        self.services = replace(self.services, enrolments=None)
        self.restart()

    def member(self, chat: Place, role: Role = Role.ADMIN, language: str = "en") -> Member:
        """Let a chat in, a second after the one before."""
        self.clock.advance(1.0)
        member = Member(chat.id, chat.kind, chat.title, role, language, self.clock.now(), "shell:root")
        self.services.members.admit(member)
        return member

    def says(self, text: str, person: Person = ANNA, place: Optional[Place] = None) -> List[Reply]:
        return list(self.reception.said(Said(place or private(person), person, text, 1)))

    def presses(self, data: str, person: Person = ANNA, place: Optional[Place] = None) -> List[Reply]:
        pressed = Pressed(place or private(person), person, data, "query", 1, editable=True)
        return list(self.reception.pressed(pressed))

    def follows(self, replies: Sequence[Reply], label: str, person: Person = ANNA) -> List[Reply]:
        """Presses the button that says so under these replies."""
        buttons = [button for reply in replies for row in reply.buttons for button in row]
        found = [button for button in buttons if label in button.label]
        assert found, f"no button {label!r} among {[button.label for button in buttons]}"
        return self.presses(found[0].data, person)

    def shows(self, data: Optional[bytes], person: Person = ANNA) -> List[Reply]:
        """A photo; nothing comes of it where nobody waits for one."""
        place = private(person)
        if not self.reception.expects_photo(place, person):
            return []
        return list(self.reception.shown(Photo(Shown(place, person, "file", 1), data)))

    def incident(self, change: Optional[Change] = None, *, picture: bool = False) -> str:
        """Something that is in the store and known to the agent; the id."""
        change = change or opened()
        ref = None
        if picture:
            name = Path(f"{change.incident.id}-{change.incident.sequence}.jpg")
            (self.folder / name).write_bytes(jpeg(320, 240))
            ref = SnapshotRef(name, name, "ab" * 32, 320, 240)
        journal = SqliteJournal(self.database, self.clock, OutboxBounds(1000, 10**6))
        journal.record(change, ref, ["mqtt"])
        self.controls.incidents[change.incident.id] = change.incident
        return change.incident.id

    def deliver(self) -> None:
        """Tell everybody who waits."""
        outbox = SqliteOutbox(self.database, self.clock)
        for delivery in outbox.lease("mqtt", 100, 60.0):
            outbox.done(delivery)

    def audited(self) -> AuditEntry:
        """The last order."""
        return self.services.audit.latest(1)[0]


@contextmanager
def lobby(clock: Optional[FakeClock] = None) -> Iterator[Lobby]:
    clock = clock or FakeClock()
    with fast_folder() as folder, closing(open_database(folder / "beffroi.db", clock)) as database:
        yield Lobby(folder, database, clock)
