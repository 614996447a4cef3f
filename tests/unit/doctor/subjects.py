"""Machines to examine, each with as much of a configuration as a test needs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Callable, Mapping, Optional, Union

from agent.config.settings import Settings
from agent.device.account import Account
from agent.device.commands import Answer
from agent.device.root import Root
from agent.doctor.finding import Finding, Status
from agent.doctor.subject import Configuration, Subject
from tests.fakes.asking import Programs
from tests.fakes.clock import FakeClock

ME = Account("beffroi", os.geteuid(), frozenset([os.getegid()]), present=True)
STRANGER = Account("beffroi", 65_500, frozenset([65_501]))
NTP_US = 1_000
NEVER_US = 16_000_000


def subject(
    root: Root,
    answers: Optional[Mapping[str, Union[str, Answer]]] = None,
    *,
    settings: Optional[Settings] = None,
    account: Account = ME,
    configuration: Optional[Configuration] = None,
    **rest: Any,
) -> Subject:
    given = configuration or Configuration(settings=settings)
    rest = {"kernel_error_us": lambda: NTP_US, "clock": FakeClock(), **rest}
    return Subject(given, account, root, Programs(answers), **rest)


def settings(folder: Path, **sections: Any) -> Settings:
    """One scene to watch, its data in `folder`."""
    store = {"folder": folder, **sections.pop("store", {})}
    return Settings.model_validate({"cameras": ["scene:"], "store": store, **sections})


def held(finding: Finding, status: Status, *words: str) -> None:
    """It is `status` and says all of `words`; there is a remedy where something is wrong, else none."""
    assert finding.status is status, finding
    told = f"{finding.found} {finding.remedy or ''}"
    for word in words:
        assert word in told, finding
    assert bool(finding.remedy) is (status in (Status.WARNING, Status.FAILED))


Check = Callable[[Subject], Finding]
OK, WARNING, FAILED, NOT_APPLICABLE = Status.OK, Status.WARNING, Status.FAILED, Status.NOT_APPLICABLE
