"""Runs one command: may it be, what it says, its errors in words, and the audit of it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Callable, Iterable, Iterator, Optional

import structlog

from agent.controls import RequestError
from agent.enrolments import PeopleError
from agent.errors import StoreError
from alerts.bot.access import Decision, Standing
from alerts.bot.call import DECLINED, DONE, FAILED, REFUSED, Call, Command, DeclinedError, Reply
from alerts.bot.excuses import excuse, people_excuse
from alerts.bot.markup import toast
from alerts.bot.registry import command

log = structlog.get_logger(__name__)


def ask(found: Command, call: Call, standing: Standing) -> Iterator[Reply]:
    """Run a command where who asks may, and say why not where they may not."""
    t = call.t
    decision = standing.may(found)
    if decision is Decision.ALLOWED:
        yield from guarded(found.name, call, lambda: found.run(call))
        return
    refusal = {
        Decision.NOT_THIS_ROLE: t("You may not do that here. /help lists what you may do."),
        Decision.ONLY_IN_PRIVATE: t("Not in a group, please: ask me that in a private chat."),
    }[decision]
    _note(found.name, call, REFUSED)
    yield _told(call, refusal, REFUSED)


def guarded(name: str, call: Call, run: Callable[[], Iterable[Reply]]) -> Iterator[Reply]:
    """What a command says, with its errors in words, and the audit of it."""
    t = call.t
    outcome = DONE
    try:
        for reply in run():
            outcome = reply.outcome
            yield reply
    except DeclinedError as declined:
        outcome = DECLINED
        yield _told(call, declined.text, outcome, declined)
    except RequestError as error:
        outcome = f"{DECLINED}: {type(error).__name__}"
        yield _told(call, excuse(error, call.services, t), outcome)
    except PeopleError as error:
        outcome = f"{DECLINED}: {error.code}"
        yield _told(call, people_excuse(error, t), outcome)
    except Exception:  # the top of what is done for one person, who waits for an answer
        outcome = FAILED
        log.exception("a command failed", command=name, chat=call.place.id, user=call.person.id)
        yield _told(call, t("That failed. It is in the log of the device."), outcome)
    finally:
        _note(name, call, outcome)


def _told(call: Call, text: str, outcome: str, declined: Optional[DeclinedError] = None) -> Reply:
    if call.alert:
        return Reply(toast=toast(text), outcome=outcome)
    return replace(call.say(text, declined.buttons if declined else ()), outcome=outcome)


def _note(name: str, call: Call, outcome: str) -> None:
    found = command(name)
    subject = "" if found is None or found.discreet else " ".join(call.arguments)
    with suppress(StoreError):
        call.services.audit.note(call.place.id, call.person.id, name, subject, outcome)
