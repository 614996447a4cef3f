"""/forget: erases a person and everything kept of them; asks again first."""

from __future__ import annotations

from typing import Iterator, List, Optional

from agent.domain.access import Right
from agent.enrolments import Person, Receipt
from alerts.bot.call import DECLINED, Call, Command, DeclinedError, Reply, rows
from alerts.bot.data import button
from alerts.bot.enrolling import service
from alerts.bot.markup import plain
from alerts.languages import N_, Texts

_YES, _NO = "!yes", "!no"
_MARK = "#"
_MOST = 60


def _run(call: Call) -> Iterator[Reply]:
    t = call.t
    enrolments = service(call)
    everybody = enrolments.people(call.actor)
    if not call.arguments:
        choice = [button(each.name, "forget", f"{_MARK}{each.id}") for each in everybody[:_MOST]]
        yield call.ask(t("Who shall be forgotten?") if choice else t("Nobody is enrolled."), rows(choice))
        return
    answer = call.arguments[-1] if call.arguments[-1] in (_YES, _NO) else None
    named = " ".join(call.arguments[:-1] if answer else call.arguments)
    if answer == _NO:
        yield Reply(t("Nobody was forgotten."), edit=call.pressed, outcome=DECLINED)
        return
    person = _person(everybody, named)
    if person is None:
        raise DeclinedError(t("Nobody is enrolled under that name. /people lists everybody."))
    if answer == _YES:
        receipt = enrolments.forget(person.id, call.actor)
        yield call.say(_receipt(person, receipt, t))
        return
    yes = button(plain(t("Yes, forget")), "forget", f"{_MARK}{person.id}", _YES)
    no = button(plain(t("No")), "forget", f"{_MARK}{person.id}", _NO)
    question = t("Shall <b>{name}</b> be forgotten, with every photo? It cannot be undone.", name=person.name)
    yield call.ask(question, ((yes, no),))


def _person(everybody: List[Person], named: str) -> Optional[Person]:
    for each in everybody:
        if named == f"{_MARK}{each.id}" or named.casefold() == each.name.casefold():
            return each
    return None


def _receipt(person: Person, receipt: Receipt, t: Texts) -> str:
    text = t(
        "<b>{name}</b> is forgotten: {faces} faces, {pictures} photos, {links} links to incidents are gone.",
        name=person.name,
        faces=receipt.faces,
        pictures=receipt.pictures,
        links=receipt.links,
    )
    if receipt.done_at is None:
        rest = t(
            "The device still clears the last copies from its files, at the latest when it starts again."
        )
        return f"{text}\n{rest}"
    return text


FORGET = Command("forget", Right.ENROL, N_("Erase a person's faces"), _run, discreet=True)
