"""The clock, the service and the journal."""

from __future__ import annotations

from agent.device import timekeeping
from agent.doctor.finding import Finding, failed, not_applicable, ok, warning
from agent.doctor.subject import UNIT, Subject

_BUILT = 2025
"""A clock that shows an earlier year has lost its battery and was never set."""


def clock(subject: Subject) -> Finding:
    kept = timekeeping.synchronised(subject.root, subject.kernel_error_us, subject.ask)
    if kept is None:
        return warning("nothing tells whether the clock is right", "see whether `timedatectl` answers")
    if kept:
        return ok("kept right over the network")
    keep = "sudo timedatectl set-ntp true, and let UDP port 123 through the firewall"
    now = subject.clock.now()
    if now.year < _BUILT:
        return failed(f"it is {now:%Y-%m-%d} by the clock: incidents are dated wrongly, and TLS fails", keep)
    return warning("nobody keeps the clock right: it drifts, and incidents are dated by it", keep)


def service(subject: Subject) -> Finding:
    if not subject.systemd:
        return not_applicable("systemd does not run this machine")
    enabled = subject.ask(["systemctl", "is-enabled", UNIT])
    active = subject.ask(["systemctl", "is-active", UNIT])
    if enabled is None or active is None:
        return warning("systemctl does not answer", "look at `systemctl status`")
    state, start = active.text.splitlines()[-1:], enabled.text.splitlines()[-1:]
    if enabled.code != 0 and start != ["disabled"] and state != ["active"]:
        return not_applicable("not installed as a service")
    found = f"{UNIT} is {' '.join(state) or 'unknown'} and {' '.join(start) or 'unknown'}"
    if state == ["failed"]:
        return failed(found, "see why: journalctl -u beffroi -n 50")
    if state not in (["active"], ["activating"], ["reloading"]):
        return warning(found, "sudo systemctl enable --now beffroi")
    if start == ["disabled"]:
        return warning(f"{found}: it does not come back after a power cut", "sudo systemctl enable beffroi")
    return ok(found)


def journal(subject: Subject) -> Finding:
    if not subject.systemd:
        return not_applicable("systemd does not run this machine")
    if subject.root.exists("/var/log/journal"):
        return ok("kept over restarts in /var/log/journal")
    return warning(
        "the log is lost at every restart",
        "sudo mkdir -p /var/log/journal && sudo systemctl restart systemd-journald",
    )
