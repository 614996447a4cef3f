"""The conversation in which a person is enrolled: name, consent, photos, done.

It lives in the store, so that a restart does not end it; every button carries the number of its conversation,
so that a press under an old message cannot speak for another person.
"""

from __future__ import annotations

import secrets
from contextlib import contextmanager, suppress
from typing import Any, Dict, Iterable, Iterator, List, Optional

from agent.domain.access import Right
from agent.enrolments import Consent, Enrolments, PeopleError, Refusal
from agent.store.dialogues import Expired
from alerts.bot.call import ASKED, DECLINED, Call, DeclinedError, Person, Place, Reply, Rows, Services
from alerts.bot.data import button
from alerts.bot.markup import plain
from alerts.bot.verdicts import verdict_text
from alerts.languages import Texts
from alerts.telegram.words import duration

KIND = "enrol"
PATIENCE_S = 900.0
"""How long a conversation waits for the next answer."""
_ENOUGH_PHOTOS = 5
_LONGEST_NAME = 64
_YES, _DONE, _CANCEL = "!yes", "!done", "!cancel"
ANSWERS = (_YES, _DONE, _CANCEL)

State = Dict[str, Any]


def service(call: Call) -> Enrolments:
    """The enrolment service; raises DeclinedError where faces are not set up."""
    t = call.t
    if call.services.enrolments is None:
        raise DeclinedError(t("Faces are not set up on this device: it recognises nobody."))
    return call.services.enrolments


def begin(call: Call, name: str) -> Iterator[Reply]:
    """Start; asks for the name where it is not given."""
    t = call.t
    service(call)
    if _state(call) is not None:
        raise DeclinedError(t("We are enrolling somebody already. Finish that first, or /cancel."))
    if name:
        yield _ask_consent(call, name)
    else:
        _keep(call, {"step": "name", "talk": secrets.token_hex(4)})
        yield call.ask(t("Who shall be enrolled? Write the name, please, or /cancel."))


def text(call: Call, words: str) -> Optional[Iterable[Reply]]:
    """What a text means in this conversation; None where there is none."""
    state = _state(call)
    return None if state is None else _text(call, state, words)


def _text(call: Call, state: State, words: str) -> Iterator[Reply]:
    t = call.t
    _check(call)
    if state["step"] == "name":
        yield _ask_consent(call, " ".join(words.split()))
    elif state["step"] == "consent":
        yield call.ask(t("Press one of the buttons, please."), _consent_buttons(call, state))
    else:
        yield call.ask(t("Send photos, please, or press one of the buttons."), _photo_buttons(call, state))


def pressed(call: Call, answer: str, talk: str = "") -> Iterator[Reply]:
    """A button of the conversation."""
    t = call.t
    state = _state(call)
    if state is None or state["talk"] != talk:
        raise DeclinedError(t("That belongs to an earlier conversation. /enrol begins a new one."))
    if answer == _CANCEL:
        yield from cancel(call)
    elif answer == _YES and state["step"] == "consent":
        yield _consented(call, state)
    elif answer == _DONE and state["step"] == "photos":
        yield _finish(call, state)
    else:
        raise DeclinedError(t("We are further than that already."))


def wants_photo(services: Services, place: Place, person: Person) -> bool:
    """Whether the person was asked for photos here."""
    dialogue = services.dialogues.get(place.id, person.id)
    return dialogue is not None and dialogue.kind == KIND and dialogue.state["step"] == "photos"


def photo(call: Call, data: Optional[bytes]) -> Iterator[Reply]:
    """Judge one photo; None where it could not be fetched."""
    t = call.t
    state = _state(call)
    if state is None or state["step"] != "photos":
        return
    _check(call)
    if data is None:
        raise DeclinedError(
            t("That photo could not be fetched. Photos may have 20 MB at most. Send it again, please.")
        )
    with _ending_together(call):
        verdict = service(call).add(state["session"], data)
    state = {**state, "good": verdict.good, "needed": verdict.needed}
    _keep(call, state)
    mark = "✓" if verdict.accepted else "✗"
    line = f"{mark} {verdict_text(verdict.reason, t)}"
    if verdict.good >= _most(state):
        yield Reply(line)
        yield _finish(call, state)
        return
    yield Reply(f"{line}\n{_progress(state, t)}", buttons=_photo_buttons(call, state), outcome=ASKED)


def cancel(call: Call) -> Iterator[Reply]:
    """End it; nothing stays."""
    t = call.t
    state = _state(call)
    if state is None:
        yield call.say(t("There is nothing to cancel."))
        return
    call.services.dialogues.drop(call.place.id, call.person.id)
    _drop_session(call.services, state)
    yield Reply(t("Cancelled. Nothing was kept."), edit=call.pressed, outcome=DECLINED)


def timed_out(services: Services, expired: Expired, t: Texts, known: bool) -> Iterator[Reply]:
    """Nobody went on with it; who is still let in is told."""
    if expired.dialogue.kind != KIND:
        return
    _drop_session(services, expired.dialogue.state)
    services.audit.note(expired.chat, expired.user, KIND, outcome="timed out")
    if known:
        waited = duration(PATIENCE_S, t)
        yield Reply(
            t(
                "The enrolment is cancelled: nothing came for {duration}. Nothing was kept.",
                duration=waited,
            ),
            chat=expired.chat,
        )


def _ask_consent(call: Call, name: str) -> Reply:
    t = call.t
    if not name or len(name) > _LONGEST_NAME:
        raise DeclinedError(t("A name has 1 to {most} characters. Which is it?", most=_LONGEST_NAME))
    state = {"step": "consent", "talk": secrets.token_hex(4), "name": name}
    _keep(call, state)
    question = t(
        "Does <b>{name}</b> know that this device will recognise their face, and agree to it? Your answer is"
        " recorded. /forget takes everything back at any time.",
        name=name,
    )
    return call.ask(question, _consent_buttons(call, state))


def _consented(call: Call, state: State) -> Reply:
    t = call.t
    _check(call)
    consent = Consent(state["name"], call.now(), f"confirmed by {call.actor}")
    enrolment = service(call).begin(state["name"], (), consent, call.actor)
    state = {
        **state,
        "step": "photos",
        "session": enrolment.id,
        "good": enrolment.good,
        "needed": enrolment.needed,
    }
    _keep(call, state)
    how = t(
        "Now send {needed} to {most} photos of <b>{name}</b>, one by one or together: one face, in good"
        " light, from the front and a little from each side.",
        needed=enrolment.needed,
        most=_most(state),
        name=state["name"],
    )
    return call.ask(how, _photo_buttons(call, state))


def _finish(call: Call, state: State) -> Reply:
    t = call.t
    _check(call)
    with _ending_together(call):
        person = service(call).finish(state["session"])
    call.services.dialogues.drop(call.place.id, call.person.id)
    done = t.plural(
        "<b>{name}</b> is enrolled with {n} photo.",
        "<b>{name}</b> is enrolled with {n} photos.",
        person.faces,
        name=person.name,
    )
    return Reply(done)


def _most(state: State) -> int:
    """So many good photos end the enrolment by themselves."""
    return max(_ENOUGH_PHOTOS, int(state["needed"]))


def _progress(state: State, t: Texts) -> str:
    missing = state["needed"] - state["good"]
    if missing > 0:
        return t.plural("{n} more good photo is needed.", "{n} more good photos are needed.", missing)
    return t("That is enough. Press Done, or send up to {most} in all.", most=_most(state))


def _consent_buttons(call: Call, state: State) -> Rows:
    t = call.t
    yes = button(plain(t("Yes, agreed")), KIND, _YES, state["talk"])
    return ((yes, button(plain(t("Cancel")), KIND, _CANCEL, state["talk"])),)


def _photo_buttons(call: Call, state: State) -> Rows:
    t = call.t
    buttons: List[Any] = [button(plain(t("Cancel")), KIND, _CANCEL, state["talk"])]
    if state["good"] >= state["needed"]:
        buttons.insert(0, button(plain(t("Done")), KIND, _DONE, state["talk"]))
    return (tuple(buttons),)


def _check(call: Call) -> None:
    """The right may have been taken away since the conversation began."""
    t = call.t
    if Right.ENROL not in call.rights:
        raise DeclinedError(t("You may not do that here. /help lists what you may do."))


def _state(call: Call) -> Optional[State]:
    dialogue = call.services.dialogues.get(call.place.id, call.person.id)
    return dialogue.state if dialogue is not None and dialogue.kind == KIND else None


@contextmanager
def _ending_together(call: Call) -> Iterator[None]:
    """What is over for the service is over here."""
    try:
        yield
    except PeopleError as error:
        if error.code == Refusal.NO_SUCH_ENROLMENT.value:
            call.services.dialogues.drop(call.place.id, call.person.id)
        raise


def _keep(call: Call, state: State) -> None:
    call.services.dialogues.put(call.place.id, call.person.id, KIND, state, PATIENCE_S)


def _drop_session(services: Services, state: State) -> None:
    session = state.get("session")
    if session is not None and services.enrolments is not None:
        with suppress(PeopleError):
            services.enrolments.cancel(session)
