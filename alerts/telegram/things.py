"""What rules about things say, and what things are called, in a language: pure."""

from __future__ import annotations

from agent.domain.policy.object_rules import THINGS, ObjectRule, RuleKind
from alerts.languages import Markup, Texts

_MOST_NAMED = 3
"""A headline has no room for more, and a rule about most things is not told by their names."""


def rule_text(rule: ObjectRule, t: Texts) -> str:
    """Such as `yard-at-night: came in (person)`, as HTML."""
    what = Markup(_happened(rule.kind, t))
    if len(rule.labels) > _MOST_NAMED:
        return t("{rule}: {what}", rule=rule.name, what=what)
    named = ", ".join(thing_name(label, t) for label in THINGS if label in rule.labels)
    return t("{rule}: {what} ({things})", rule=rule.name, what=what, things=Markup(named))


def thing_name(label: str, t: Texts) -> str:
    """Such as `person`, of one of THINGS."""
    known = {
        "person": t("person"),
        "bicycle": t("bicycle"),
        "car": t("car"),
        "motorcycle": t("motorcycle"),
        "bus": t("bus"),
        "truck": t("truck"),
        "train": t("train"),
        "dog": t("dog"),
        "cat": t("cat"),
        "bird": t("bird"),
        "backpack": t("backpack"),
        "handbag": t("handbag"),
        "suitcase": t("suitcase"),
    }
    return known[label]


def _happened(kind: RuleKind, t: Texts) -> str:
    return {
        RuleKind.ENTER: t("came in"),
        RuleKind.LEAVE: t("went away"),
        RuleKind.LOITER: t("stays there"),
        RuleKind.COUNT: t("too many"),
        RuleKind.LEFT_BEHIND: t("left behind"),
        RuleKind.WRONG_WAY: t("the wrong way"),
        RuleKind.LINE: t("crossed the line"),
    }[kind]
