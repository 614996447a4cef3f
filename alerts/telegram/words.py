"""What kinds, states, durations and times are called in a language: pure."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Optional

from agent.domain.incident import Kind, State, Transition
from alerts.languages import Texts

EMOJI = {
    Kind.FIRE: "🔥",
    Kind.START_FIRE: "🟠",
    Kind.SMOKE: "💨",
    Kind.OBJECT: "📦",
    Kind.FACE: "👤",
    Kind.CAMERA: "📷",
    Kind.DEVICE: "🛠",
}

_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86400


def kind_name(kind: Kind, t: Texts) -> str:
    """Such as `Fire`."""
    return {
        Kind.FIRE: t("Fire"),
        Kind.START_FIRE: t("Start of a fire"),
        Kind.SMOKE: t("Smoke"),
        Kind.OBJECT: t("Object"),
        Kind.FACE: t("Face"),
        Kind.CAMERA: t("Camera sees nothing"),
        Kind.DEVICE: t("Device needs care"),
    }[kind]


def transition_name(transition: Transition, t: Texts) -> str:
    """Such as `became worse`."""
    return {
        Transition.OPENED: t("seen"),
        Transition.UPDATED: t("still going on"),
        Transition.ESCALATED: t("became worse"),
        Transition.ACKNOWLEDGED: t("acknowledged"),
        Transition.RESOLVED: t("over"),
        Transition.DISMISSED: t("false alarm"),
    }[transition]


def state_name(state: State, t: Texts) -> str:
    """Such as `acknowledged`."""
    return {
        State.OPEN: t("open"),
        State.ACKNOWLEDGED: t("acknowledged"),
        State.RESOLVED: t("over"),
        State.DISMISSED: t("false alarm"),
    }[state]


def reason_name(reason: str, t: Texts) -> str:
    """Why a camera sees nothing, what the device lacks, why a face is told; a reason that is not known is
    said as it is."""
    known = {
        "stalled": t("no new pictures"),
        "frozen": t("the picture is frozen"),
        "black": t("the picture is black"),
        "covered": t("the lens is covered"),
        "washed-out": t("the picture is washed out"),
        "disconnected": t("no connection"),
        "engine": t("the TensorRT engine failed, the model looks without it, perhaps more slowly"),
        "face-engine": t("a TensorRT engine for faces failed, faces are looked for without it or not at all"),
        "faces": t("faces cannot be looked for"),
        "object-engine": t("the TensorRT engine for objects failed, they are looked for without it"),
        "objects": t("objects cannot be looked for"),
        "unknown": t("not enrolled"),
        "unauthorised": t("enrolled, but may not be here"),
    }
    return known.get(reason) or t("{reason}", reason=reason)


def duration(seconds: float, t: Texts) -> str:
    """Two units at most: `45 s`, `6 min`, `1 h 20 min`, `2 d 3 h`."""
    whole = max(0, int(seconds))
    if whole < _MINUTE_S:
        return t("{s} s", s=whole)
    if whole < _HOUR_S:
        return t("{min} min", min=whole // _MINUTE_S)
    if whole < _DAY_S:
        hours, minutes = divmod(whole // _MINUTE_S, 60)
        return t("{h} h {min} min", h=hours, min=minutes) if minutes else t("{h} h", h=hours)
    days, hours = divmod(whole // _HOUR_S, 24)
    return t("{d} d {h} h", d=days, h=hours) if hours else t("{d} d", d=days)


def local_time(at: datetime, now: datetime, zone: Optional[tzinfo] = None) -> str:
    """`14:03` today, `2026-11-24 14:03` else; in `zone`, by default the device's own."""
    here = at.astimezone(zone)
    return f"{here:%H:%M}" if here.date() == now.astimezone(zone).date() else f"{here:%Y-%m-%d %H:%M}"


def percent(confidence: float, t: Texts) -> str:
    """A confidence in 0..1; never more certain than 99 %, for no model is."""
    return t("{n} %", n=max(0, min(99, round(confidence * 100))))
