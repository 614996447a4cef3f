"""Why something cannot be done, in the language of who asked."""

from __future__ import annotations

from agent.controls import (
    BusyError,
    ClosedIncidentError,
    NeverSilentError,
    NoPictureError,
    RequestError,
    UnknownCameraError,
    UnknownIncidentError,
)
from agent.domain.incident import Incident, State
from agent.enrolments import PeopleError, Refusal
from alerts.bot.call import Services
from alerts.bot.words import who
from alerts.languages import Texts


def excuse(error: RequestError, services: Services, t: Texts) -> str:
    """What a refusal of the agent means."""
    if isinstance(error, ClosedIncidentError):
        return how_it_stands(error.incident, services, t)
    if isinstance(error, NeverSilentError):
        return never_silent(t)
    if isinstance(error, NoPictureError):
        return t("The camera gives no picture now. /cameras says how they all are.")
    if isinstance(error, UnknownCameraError):
        return t("That camera is not there any more.")
    if isinstance(error, UnknownIncidentError):
        return t("That incident is not there any more.")
    if isinstance(error, BusyError):
        return t("The device is busy with just that, or is starting. Try again in a moment.")
    return t("That cannot be done: {reason}", reason=str(error))


def never_silent(t: Texts) -> str:
    return t("Fire, starting fire and smoke are never silenced: somebody must always hear of them.")


def how_it_stands(incident: Incident, services: Services, t: Texts) -> str:
    """Why nothing was changed on an incident that somebody dealt with before."""
    by = who(incident.actor, services.members, t)
    if incident.state is State.ACKNOWLEDGED:
        return t("Already acknowledged by {who}.", who=by)
    if incident.state is State.DISMISSED:
        return t("Already marked as a false alarm by {who}.", who=by)
    if incident.state is State.RESOLVED:
        return t("That incident is over already.")
    return t("That is not possible now.")


def people_excuse(error: PeopleError, t: Texts) -> str:
    """What a refusal of the enrolment means."""
    known = {
        Refusal.NO_SUCH_PERSON: t("Nobody is enrolled under that name. /people lists everybody."),
        Refusal.NO_SUCH_ENROLMENT: t("That enrolment is over. Begin again with /enrol."),
        Refusal.TOO_FEW: t("There are too few good photos yet."),
        Refusal.NAME_TAKEN: t("Somebody is enrolled under that name already. Choose another, or /forget it."),
        Refusal.BAD_NAME: t("That is no name that can be kept. Use letters and spaces, 64 at most."),
        Refusal.NO_CONSENT: t("Nobody is enrolled without consent."),
        Refusal.LOOKALIKE: t("The face is too much like that of somebody who is enrolled."),
    }
    keys = (Refusal.NO_KEY, Refusal.BAD_KEY, Refusal.WRONG_KEY, Refusal.DAMAGED)
    if error.code in [key.value for key in keys]:
        return t("The faces kept on this device cannot be opened. Ask who looks after the device.")
    for refusal, text in known.items():
        if refusal.value == error.code:
            return text
    return t("That cannot be done: {reason}", reason=str(error))
