"""What the checks look at: a machine, and the configuration that is to run on it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import List, Mapping, Optional

from agent.clock import SystemClock
from agent.config.doubts import doubts
from agent.config.loader import load, locate
from agent.config.settings import Settings
from agent.config.variables import NAME
from agent.device import commands, timekeeping
from agent.device.account import Account, account_of, present_account
from agent.device.commands import Ask
from agent.device.root import Root
from agent.errors import ConfigError
from agent.ports import Clock

UNIT = "beffroi.service"
SECRETS = Path("/etc/beffroi") / NAME
_DATA = Path("/var/lib/beffroi")


@dataclass(frozen=True)
class Configuration:
    """The file and what is in it. `trouble` says why it cannot be used; without a file there is neither."""

    path: Optional[Path] = None
    settings: Optional[Settings] = None
    trouble: Optional[str] = None
    doubts: List[str] = field(default_factory=list)


@dataclass(frozen=True)
class Subject:
    """`account` is who the agent runs as; the rest is injected so that tests can examine any machine."""

    configuration: Configuration
    account: Account
    root: Root = field(default_factory=Root)
    ask: Ask = commands.ask
    kernel_error_us: timekeeping.Kernel = timekeeping.kernel_error_us
    clock: Clock = field(default_factory=SystemClock)

    @property
    def settings(self) -> Optional[Settings]:
        return self.configuration.settings

    @property
    def data_folder(self) -> Path:
        """Where incidents are kept, or would be."""
        return _DATA if self.settings is None else self.settings.store.folder

    @property
    def systemd(self) -> bool:
        """Whether systemd runs this machine."""
        return self.root.exists("/run/systemd/system")


def examine(given: Optional[Path], environ: Mapping[str, str] = os.environ) -> Subject:
    """The machine that this runs on, with the configuration that is given or found."""
    root = Root()
    return Subject(configuration(given, environ), account(root, commands.ask, present_account()), root)


def configuration(given: Optional[Path], environ: Mapping[str, str]) -> Configuration:
    """Never raises: what is wrong with it is for the check to tell."""
    try:
        path = locate(given, environ)
    except ConfigError:
        return Configuration()
    try:
        settings = load(path, environ)
        return Configuration(path, settings, doubts=doubts(settings, path))
    except ConfigError as error:
        return Configuration(path, trouble=str(error))


def account(root: Root, ask: Ask, present: Account) -> Account:
    """The service's user where root asks on its behalf, else whoever asks."""
    if present.uid == 0 and root.exists("/run/systemd/system"):
        answer = ask(["systemctl", "show", "--property=User", "--value", UNIT])
        if answer is not None and answer.code == 0 and answer.text:
            return account_of(answer.text) or present
    return present
