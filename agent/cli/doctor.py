"""`beffroi doctor`: is the machine fit, is everything set up, and can everything be reached?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import List, Optional

import typer

from agent import logs
from agent.cli import doctor_report
from agent.cli.connections import Trial, trials_of
from agent.doctor.finding import Finding, Status, ok, warning
from agent.doctor.running import Check, run_all
from agent.doctor.subject import UNIT, Subject, examine
from agent.doctor.table import CHECKS, checks_of
from agent.errors import SourceError

FAILED_EXIT = 9
"""What the command returns where a check failed; every other error has its class's code."""

_REMEDIES = {
    "camera": "look at the camera's power and address; `beffroi watch ADDRESS` shows what it gives",
    "broker": "look at the mqtt section, and whether the broker runs: `beffroi check --connect`",
    "telegram": "look at the telegram section and at the way to the internet",
}

CONFIG = typer.Argument(
    None,
    show_default=False,
    help="The YAML file. [$BEFFROI_CONFIG, else ./beffroi.yaml, else /etc/beffroi/beffroi.yaml; "
    "without one the machine alone is examined]",
)


def doctor(
    config: Optional[Path] = CONFIG,
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
    offline: bool = typer.Option(False, "--offline", help="Leave out cameras, broker and bot."),
    only: Optional[List[str]] = typer.Option(
        None,
        "--only",
        metavar="NAME",
        help="Only this check (again for more): a name of the first column, or camera for all of them.",
    ),
    save_svg: Optional[Path] = typer.Option(None, "--save-svg", hidden=True),
) -> None:
    """Examine the machine and the set-up; say what is wrong and what to do about it.

    Looks at the device (JetPack, TensorRT, power, heat, memory, disk, clock), at the set-up (configuration,
    rights, database, model, engine, service), and tries each camera, the broker and the bot once. Changes
    nothing and may run beside the agent. Run it with sudo to have everything examined as the service's user.

    Returns 0 where nothing failed, warnings included, and 9 where something did.
    """
    logs.configure("error")
    subject = examine(config)
    checks = checks_of(subject) + ([] if offline else connections(subject))
    results = run_all(_chosen(checks, only or []), subject.clock)
    if as_json:
        typer.echo(json.dumps(doctor_report.document(results, subject.configuration.path)))
    else:
        doctor_report.show(results)
    if save_svg is not None:
        doctor_report.save_svg(results, save_svg)
    if any(result.finding.status is Status.FAILED for result in results):
        raise typer.Exit(FAILED_EXIT)


def connections(subject: Subject) -> List[Check]:
    """What needs the network, or a camera that is plugged in."""
    if subject.settings is None:
        return []
    return [_check(trial, subject) for trial in trials_of(subject.settings, subject.clock)]


def _check(trial: Trial, subject: Subject) -> Check:
    def run() -> Finding:
        try:
            return ok(trial.run())
        except SourceError as error:
            if error.reason in ("cannot be opened", "no answer") and _at_work(subject):
                return warning(f"{error}", "the running agent may hold it: stop the agent to try it alone")
            raise

    kind = trial.what.split(" ")[0]
    return Check(trial.what.replace(" ", ":"), run, trial.limit_s, _REMEDIES[kind])


def _at_work(subject: Subject) -> bool:
    answer = subject.ask(["systemctl", "is-active", UNIT]) if subject.systemd else None
    return answer is not None and answer.code == 0


def _chosen(checks: List[Check], only: List[str]) -> List[Check]:
    chosen = [check for check in checks if not only or {check.name, check.name.split(":")[0]} & set(only)]
    there = (
        {check.name for check in checks}
        | {check.name.split(":")[0] for check in checks}
        | {*CHECKS, *_REMEDIES}
    )
    unknown = sorted(set(only) - there)
    if unknown:
        raise typer.BadParameter(
            f"there is no check {unknown[0]!r}; there are {', '.join([*CHECKS, *_REMEDIES])}",
            param_hint="--only",
        )
    return chosen
