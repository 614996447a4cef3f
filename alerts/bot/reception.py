"""Answers what comes in: who asks, may they, what do they get; plain blocking code, run in a few threads."""

from __future__ import annotations

from dataclasses import replace
from typing import Iterator, Optional, Tuple

import structlog

from agent.domain.access import ChatKind, Member
from alerts.bot import enrolling, pairing
from alerts.bot.access import Standing
from alerts.bot.call import (
    DECLINED,
    DONE,
    REFUSED,
    Call,
    Command,
    Person,
    Place,
    Reply,
    Services,
)
from alerts.bot.commands.ack import ACK
from alerts.bot.commands.dismiss import FALSE
from alerts.bot.commands.hush import HUSH
from alerts.bot.commands.live import LIVE
from alerts.bot.commands.start import START
from alerts.bot.data import parsed
from alerts.bot.incoming import Membership, Moved, Photo, Pressed, Said
from alerts.bot.markup import toast
from alerts.bot.registry import COMMANDS, command
from alerts.bot.running import ask, guarded
from alerts.bot.spelling import Typed, meant, typed
from alerts.bot.suggestions import suggestion
from alerts.languages import LANGUAGES, Texts, texts
from alerts.telegram.buttons import Verb, decode

log = structlog.get_logger(__name__)

_UNDER_ALERTS = {Verb.ACKNOWLEDGE: ACK, Verb.FALSE_ALARM: FALSE, Verb.LIVE: LIVE, Verb.HUSH: HUSH}


class Reception:
    """Every method may block for seconds and gives replies as they come; a command that fails is one, too."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.username = ""

    def said(self, said: Said) -> Iterator[Reply]:
        """A text: a command, a step of a conversation, or a typo."""
        asked = typed(said.text, self.username)
        standing = self._standing(said.place, said.person)
        if standing.chat is None:
            yield from self._to_stranger(said, asked)
            return
        self._heard(standing.chat, said.person)
        if asked is None:
            yield from self._loose_text(said, standing)
            return
        found = command(asked.name)
        call = self._call(standing, said.person, asked.arguments)
        if found is not None and found.typed:
            yield from ask(found, call, standing)
        elif asked.addressed or said.place.kind is ChatKind.PRIVATE or self._meant(asked.name, standing):
            yield suggestion(call, asked.name, self._meant(asked.name, standing))

    def pressed(self, pressed: Pressed) -> Iterator[Reply]:
        """A button; whatever happens, who pressed is told, be it nothing."""
        standing = self._standing(pressed.place, pressed.person)
        if standing.chat is None:
            t = self._texts_for(pressed.person)
            if self.services.strangers.met(pressed.place.id):
                yield Reply(toast=toast(t("You have no access here.")), outcome=REFUSED)
            return
        self._heard(standing.chat, pressed.person)
        found, arguments, alert = _wanted(pressed.data)
        call = self._call(standing, pressed.person, arguments)
        call = replace(call, pressed=True, alert=alert)
        if found is None:
            t = call.t
            yield Reply(toast=toast(t("This button is too old. Ask again, please.")), outcome=DECLINED)
            return
        yield from ask(found, call, standing)

    def expects_photo(self, place: Place, person: Person) -> bool:
        """Whether a picture from this person, here, is worth fetching."""
        member = self.services.members.get(place.id)
        return member is not None and enrolling.wants_photo(self.services, place, person)

    def shown(self, photo: Photo) -> Iterator[Reply]:
        """A picture that a conversation waits for."""
        standing = self._standing(photo.shown.place, photo.shown.person)
        if standing.chat is None:
            return
        call = self._call(standing, photo.shown.person, ())
        yield from guarded("enrol", call, lambda: enrolling.photo(call, photo.data))

    def moved(self, moved: Moved) -> Iterator[Reply]:
        """A group goes on under another id."""
        if self.services.members.migrate(moved.old, moved.new):
            log.info("a group became a supergroup", old=moved.old, new=moved.new)
            yield Reply(menus=(moved.new,))

    def membership(self, change: Membership) -> Iterator[Reply]:
        """The bot was let in or shut out."""
        place = change.place
        if self.services.members.get(place.id) is not None:
            self.services.members.unreachable(place.id, None if change.reachable else "blocked")
            outcome = DONE if change.reachable else "blocked"
            self.services.audit.note(place.id, change.person.id, "membership", outcome=outcome)
            yield Reply(menus=(place.id,) if change.reachable else ())
        elif change.reachable and place.kind is ChatKind.GROUP and self.services.strangers.met(place.id):
            yield pairing.refusal(self._texts_for(change.person), place)

    def sweep(self) -> Iterator[Reply]:
        """End the conversations that ran out of time, and tell who waited."""
        for expired in self.services.dialogues.take_expired():
            member = self.services.members.get(expired.chat)
            language = member.language if member else self.services.language
            yield from enrolling.timed_out(self.services, expired, texts(language), member is not None)

    def _to_stranger(self, said: Said, asked: Optional[Typed]) -> Iterator[Reply]:
        t = self._texts_for(said.person)
        if asked is not None and asked.name == "start" and asked.arguments:
            yield from self._pair(said, asked, t)
            return
        if said.place.kind is ChatKind.GROUP and (asked is None or not self._is_for_us(asked)):
            return
        if self.services.strangers.met(said.place.id):
            yield pairing.refusal(t, said.place)

    def _pair(self, said: Said, asked: Typed, t: Texts) -> Iterator[Reply]:
        standing = self._standing(said.place, said.person)
        call = replace(self._call(standing, said.person, asked.arguments), t=t)
        yield from guarded("start", call, lambda: START.run(call))

    def _is_for_us(self, asked: Typed) -> bool:
        return asked.addressed or command(asked.name) is not None

    def _loose_text(self, said: Said, standing: Standing) -> Iterator[Reply]:
        """Words that are no command: an answer in a conversation, or a command without its slash."""
        call = self._call(standing, said.person, tuple(said.text.split(None, 32)[:32]))
        answer = enrolling.text(call, said.text)
        if answer is not None:
            yield from guarded("enrol", call, lambda: answer)
        elif said.place.kind is ChatKind.PRIVATE and not said.text.startswith("/"):
            first = call.arguments[0] if call.arguments else ""
            yield suggestion(call, first, self._meant(first, standing))

    def _meant(self, name: str, standing: Standing) -> Optional[str]:
        return meant(name, [each.name for each in COMMANDS if standing.offered(each)])

    def _standing(self, place: Place, person: Person) -> Standing:
        members = self.services.members
        chat = members.get(place.id)
        own = members.get(person.id) if chat is not None and place.id != person.id else None
        return Standing(place, chat, own)

    def _call(self, standing: Standing, person: Person, arguments: Tuple[str, ...]) -> Call:
        language = standing.chat.language if standing.chat else self._language_of(person)
        return Call(
            standing.place,
            person,
            standing.chat,
            standing.rights,
            arguments,
            texts(language),
            self.services,
            self.username,
            tuple(each for each in COMMANDS if standing.offered(each)),
        )

    def _heard(self, member: Member, person: Person) -> None:
        """Keep the name of who acts, and that the chat can be reached."""
        self.services.members.remember(person.id, person.name)
        if member.unreachable is not None:
            self.services.members.unreachable(member.chat, None)

    def _language_of(self, person: Person) -> str:
        code = (person.language_code or "").split("-")[0].lower()
        return code if code in LANGUAGES else self.services.language

    def _texts_for(self, person: Person) -> Texts:
        return texts(self._language_of(person))


def _wanted(data: str) -> Tuple[Optional[Command], Tuple[str, ...], bool]:
    """The command that a button asks for, its arguments, and whether it stands under an alert."""
    under_alert = decode(data)
    if under_alert is not None:
        return _UNDER_ALERTS[under_alert.verb], (under_alert.incident_id,), True
    found = parsed(data)
    if found is None:
        return None, (), False
    return command(found[0]), tuple(found[1]), False
