"""Power mode, clocks, temperatures, throttling and memory: can the machine work as fast as it should?"""

from __future__ import annotations

from agent.device import jetson, memory, power, thermal
from agent.device.gpu import gpu_load
from agent.doctor.finding import Finding, failed, not_applicable, ok, warning
from agent.doctor.subject import Subject
from agent.doctor.words import share, size

_MARGIN_C = 5.0
_MEMORY_LOW = 300_000_000
"""One camera and the model take some 230 MiB."""

_MEMORY_OUT = 100_000_000
_SWAP_BUSY = 0.5


def power_mode(subject: Subject) -> Finding:
    if jetson.l4t(subject.root) is None:
        return not_applicable("not a Jetson")
    mode = power.power_mode(subject.root, subject.ask)
    if mode is None:
        return warning("the power mode cannot be read", "see whether `sudo nvpmodel -q` answers")
    found = mode.name if mode.name == str(mode.id) else f"{mode.name} (mode {mode.id})"
    if mode.stronger is None:
        return ok(found)
    return warning(
        f"{found}; {mode.offered[mode.stronger]} may draw more",
        f"sudo nvpmodel -m {mode.stronger}, where the supply and the cooling can bear it",
    )


def clocks(subject: Subject) -> Finding:
    if jetson.l4t(subject.root) is None:
        return not_applicable("not a Jetson")
    held = power.clocks_held(subject.root)
    load = gpu_load(subject.root)
    busy = "" if load is None else f"; the GPU is busy {share(load)} of the time"
    if held is None:
        return not_applicable(f"the clocks cannot be read{busy}")
    return ok(("held at their highest (jetson_clocks)" if held else "as the load asks for") + busy)


def temperature(subject: Subject) -> Finding:
    zones = thermal.zones(subject.root)
    if not zones:
        return not_applicable("the machine shows no temperatures")
    found = ", ".join(f"{zone.name} {zone.celsius:.0f} °C" for zone in zones)
    cool = "give it air: clean the fan and the fins, look at the enclosure, keep it out of the sun"
    for zone in zones:
        if zone.off_at is not None and zone.celsius >= zone.off_at - _MARGIN_C:
            return failed(f"{found}; {zone.name} switches the machine off at {zone.off_at:.0f} °C", cool)
    for zone in zones:
        if zone.slows_at is not None and zone.celsius >= zone.slows_at - _MARGIN_C:
            return warning(f"{found}; {zone.name} slows the machine at {zone.slows_at:.0f} °C", cool)
    return ok(found)


def throttling(subject: Subject) -> Finding:
    limiters = thermal.limiters(subject.root)
    dips = thermal.over_currents(subject.root)
    if limiters:
        return warning(
            f"slowed down now by {', '.join(limiters)}",
            "cool it better, or choose a lower power mode with `sudo nvpmodel -m`",
        )
    if dips:
        return warning(
            f"the supply could not give enough {dips} times since the start",
            "use a supply and a cable rated for the power mode, or choose a lower mode",
        )
    if limiters is None and dips is None:
        return not_applicable("the machine does not tell")
    return ok("not slowed down")


def memory_left(subject: Subject) -> Finding:
    found = memory.memory(subject.root)
    if found is None:
        return not_applicable("the machine does not tell")
    swapped = found.swap_total - found.swap_free
    swap = f"; swap: {size(swapped)} of {size(found.swap_total)} used" if found.swap_total else "; no swap"
    text = f"{size(found.available)} of {size(found.total)} available{swap}"
    if found.available < _MEMORY_OUT:
        return failed(text, "stop what else runs here (`ps aux --sort=-rss | head`), or watch fewer cameras")
    if found.available < _MEMORY_LOW:
        return warning(text, "see what else runs here: `ps aux --sort=-rss | head`")
    if found.swap_total and swapped / found.swap_total > _SWAP_BUSY:
        return warning(
            text, "it has run out of memory before: see what else runs here; swapping wears the disk"
        )
    return ok(text)
