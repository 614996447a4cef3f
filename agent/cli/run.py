"""`beffroi run`: the daemon."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import List, Optional
from urllib.parse import urlsplit

import typer

from agent import logs
from agent.clock import SystemClock
from agent.config.loader import load, locate
from agent.config.settings import Settings
from agent.daemon import Daemon
from agent.service import Agent
from agent.sources.address import display
from agent.systemd import Notifier


def run(
    config: Optional[Path] = typer.Argument(
        None, help="The configuration; default: $BEFFROI_CONFIG, ./beffroi.yaml, /etc/beffroi/beffroi.yaml."
    ),
) -> None:
    """Watch the configured cameras until stopped.

    SIGTERM or Ctrl-C delivers what it can and stops within five seconds; SIGHUP reads the configuration
    again, and keeps the old one where the new one is wrong.
    """
    path = locate(config, os.environ)
    clock = SystemClock()

    def load_settings() -> Settings:
        settings = load(path, os.environ)
        logs.configure(settings.log_level, secrets=_secrets(settings))
        return settings

    logs.configure()
    daemon = Daemon(load_settings, lambda settings: Agent(settings, clock), clock, Notifier())
    daemon.handle_signals()
    if daemon.run():
        # A thread that hangs inside a driver would keep the interpreter, or crash it on the way out.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def _secrets(settings: Settings) -> List[str]:
    """Addresses that hold a secret, and the passwords; an address without one may be read in the log."""
    addresses = [camera.url.get_secret_value() for camera in settings.cameras]
    found = [address for address in addresses if display(address) != address]
    found += [password for password in (urlsplit(address).password for address in addresses) if password]
    if settings.mqtt is not None and settings.mqtt.password is not None:
        found.append(settings.mqtt.password.get_secret_value())
    return found
