"""/status: what runs here and how the device is doing."""

from __future__ import annotations

from typing import Iterator, List

from agent.domain.access import Right
from agent.domain.camera import CameraState
from agent.domain.health import AgentStatus, Health
from alerts.bot.call import Call, Command, Reply
from alerts.bot.words import size
from alerts.languages import N_
from alerts.telegram.words import duration

_SEEING = (CameraState.ONLINE, CameraState.DEGRADED)


def _run(call: Call) -> Iterator[Reply]:
    status, health = call.controls.status(), call.controls.health()
    lines = [*_about(call, status, health), *_watching(call), *_device(call, health)]
    if Right.MANAGE in call.rights:
        t = call.t
        lines.append(t("Messages from strangers: {n}", n=call.services.strangers.count()))
    yield call.say("\n".join(lines))


def _about(call: Call, status: AgentStatus, health: Health) -> List[str]:
    t = call.t
    lines = [
        t("<b>Beffroi {version}</b>", version=status.version),
        t("Running for {duration}", duration=duration(health.uptime_s, t)),
    ]
    for model in status.models:
        lines.append(
            t(
                "Model: {name} ({backend}, {precision})",
                name=model.bundle,
                backend=model.backend,
                precision=model.precision,
            )
        )
    return lines


def _watching(call: Call) -> List[str]:
    t = call.t
    cameras = call.controls.cameras()
    seeing = sum(camera.state in _SEEING for camera in cameras)
    lines = [t("Cameras that see: {seeing} of {all}", seeing=seeing, all=len(cameras))]
    silences = call.controls.silences()
    if silences:
        lines.append(t.plural("{n} silence in force", "{n} silences in force", len(silences)))
    return lines


def _device(call: Call, health: Health) -> List[str]:
    t = call.t
    lines = [
        t("Still to be told: {n}", n=health.outbox_pending),
        t("Could not be told: {n}", n=health.outbox_parked + health.outbox_shed),
        t("Disk: {free} of {total} free", free=size(health.disk_free, t), total=size(health.disk_total, t)),
        t(
            "Memory in use: {used}, free: {free}",
            used=size(health.memory_rss, t),
            free=size(health.memory_available, t),
        ),
    ]
    if health.temperatures_c:
        each = [f"{name} {degrees:.0f} °C" for name, degrees in sorted(health.temperatures_c.items())]
        lines.append(t("Temperature: {each}", each=", ".join(each)))
    if health.power_mode is not None:
        lines.append(t("Power mode: {mode}", mode=health.power_mode))
    if health.throttled:
        lines.append(t("⚠ Slowed down by heat or a weak power supply"))
    if health.clock_synchronised is False:
        lines.append(t("⚠ The clock is not kept right: times may be wrong"))
    for name, stage in sorted(health.stages.items()):
        lines.append(
            t(
                "{stage}: half within {p50} ms, nearly all within {p99} ms",
                stage=name,
                p50=round(stage.p50_ms),
                p99=round(stage.p99_ms),
            )
        )
    return lines


STATUS = Command("status", Right.SEE, N_("How the device is doing"), _run)
