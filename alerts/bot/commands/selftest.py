"""/selftest: a rendered fire through the whole path, told hop by hop."""

from __future__ import annotations

from typing import Iterator, List

from agent.controls import Hop
from agent.domain.access import Right
from alerts.bot.call import FAILED, Call, Command, Reply
from alerts.languages import N_, Markup, Texts


def _run(call: Call) -> Iterator[Reply]:
    t = call.t
    lines: List[str] = [t("<b>Self-test</b>: a rendered fire goes through the whole path. Nothing burns.")]
    yield call.say("\n".join([*lines, t("… under way")]))
    went_well = True
    for hop in call.controls.selftest(call.actor):
        went_well = went_well and hop.ok
        lines.append(_line(hop, t))
        yield Reply("\n".join([*lines, t("… under way")]), edit=True)
    if went_well:
        yield Reply("\n".join([*lines, t("<b>Everything works.</b>")]), edit=True)
    else:
        failed = t("<b>Something does not work: look at the line with ✗.</b>")
        yield Reply("\n".join([*lines, failed]), edit=True, outcome=FAILED)


def _line(hop: Hop, t: Texts) -> str:
    mark = "✓" if hop.ok else "✗"
    took = f"{hop.took_ms:.0f}"
    step = Markup(_step(hop.step, t))
    if hop.detail:
        return t("{mark} {step}: {ms} ms ({detail})", mark=mark, step=step, ms=took, detail=hop.detail)
    return t("{mark} {step}: {ms} ms", mark=mark, step=step, ms=took)


def _step(step: str, t: Texts) -> str:
    head, _, sink = step.partition(":")
    if head == "tell":
        return t("told over {sink}", sink=sink)
    known = {
        "picture": t("picture"),
        "look": t("model looks"),
        "confirm": t("incident confirmed"),
        "record": t("recorded"),
    }
    return known.get(step) or t("{step}", step=step)


SELFTEST = Command("selftest", Right.MANAGE, N_("Try the whole path with a rendered fire"), _run, slow=True)
