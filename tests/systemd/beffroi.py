"""Beffroi in a machine of the tests, laid out as the installation does, and run by its real unit.

Python and the third-party packages are those that run the tests, seen through read-only mounts; the code is
the checkout's. Nothing is downloaded or copied.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
import threading
from pathlib import Path
from typing import Callable, Dict, List, Optional

from tests.e2e.whole import Document, document
from tests.fakes.bundles import colour_bundle
from tests.systemd.nspawn import CHECKOUT, CHECKOUT_INSIDE, Machine

UNIT = "beffroi.service"
CONFIG = "/etc/beffroi/beffroi.yaml"
SECRETS = "/etc/beffroi/secrets.env"
DATA = "/var/lib/beffroi"
MATERIAL = "/srv/material"
PASSWORD = "correct-horse"

_PYTHON = "/opt/python"
_PACKAGES = "/opt/packages"
_VERSION = "/opt/beffroi/versions/tests"
_DROP_INS = f"/run/systemd/system/{UNIT}.d"
_SCRIPT = "#!/opt/beffroi/current/venv/bin/python\nimport sys\nfrom agent.cli import main\nsys.exit(main())\n"
_BROKER = "listener 1883 127.0.0.1\nallow_anonymous false\npassword_file /etc/broker.passwords\n"

BINDS = {_PYTHON: Path(sys.base_prefix), _PACKAGES: Path(sysconfig.get_path("purelib"))}
"""What the machine needs to see of this one."""


def install(machine: Machine) -> None:
    """Put in place: program, unit, user, folders, a model that tells colours, a broker with a password."""
    xy = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    venv = f"{_VERSION}/venv"
    machine.write(f"{venv}/pyvenv.cfg", f"home = {_PYTHON}/bin\ninclude-system-site-packages = false\n")
    machine.write(f"{venv}/lib/{xy}/site-packages/all.pth", f"{_PACKAGES}\n{CHECKOUT_INSIDE}\n")
    machine.write(f"{venv}/bin/beffroi", _SCRIPT, 0o755)
    machine.path(f"{venv}/bin/python").symlink_to(f"{_PYTHON}/bin/{xy}")
    machine.path("/opt/beffroi/current").symlink_to(_VERSION)
    if Path(sys.base_prefix) != Path("/usr"):
        # A shared libpython whose folder the sandbox hides.
        machine.write("/etc/ld.so.conf.d/tests.conf", f"{_PYTHON}/lib\n")
        machine.run("ldconfig")
    for name, place in (
        ("beffroi.service", f"/etc/systemd/system/{UNIT}"),
        ("beffroi.sysusers", "/usr/lib/sysusers.d/beffroi.conf"),
        ("beffroi.tmpfiles", "/usr/lib/tmpfiles.d/beffroi.conf"),
    ):
        machine.write(place, (CHECKOUT / "systemd" / name).read_text(encoding="utf-8"))
    machine.run("systemd-sysusers", "/usr/lib/sysusers.d/beffroi.conf")
    machine.run("systemd-tmpfiles", "--create", "/usr/lib/tmpfiles.d/beffroi.conf")
    machine.systemctl("daemon-reload")
    colour_bundle(machine.path(f"{MATERIAL}/colours"))
    machine.write("/etc/broker.conf", _BROKER)
    machine.run("mosquitto_passwd", "-c", "-b", "/etc/broker.passwords", "city", PASSWORD)
    machine.run("chmod", "644", "/etc/broker.passwords")
    machine.run("systemd-run", "--quiet", "--unit=broker", "mosquitto", "-c", "/etc/broker.conf")


class Beffroi:
    """The service where it is installed; a context manager that stops it and forgets what was changed."""

    def __init__(self, machine: Machine, film: str) -> None:
        self.machine = machine
        self.config = document(Path(DATA), Path(f"{MATERIAL}/colours"), yard=Path(film))
        self.config["mqtt"] = {
            "host": "127.0.0.1",
            "port": 1883,
            "username": "city",
            "password": "${BROKER_PASSWORD}",
        }
        self._seen = len(machine.entries(UNIT))

    def __enter__(self) -> Beffroi:
        self.machine.write(SECRETS, f"BROKER_PASSWORD={PASSWORD}\n", 0o600)
        return self

    def __exit__(self, *_: object) -> None:
        self.machine.systemctl("stop", UNIT)
        shutil.rmtree(str(self.machine.path(_DROP_INS)), ignore_errors=True)
        self.machine.systemctl("daemon-reload")
        self.machine.systemctl("reset-failed", UNIT, check=False)
        self.machine.run("sh", "-c", f"rm -rf {DATA}/*")

    def configure(self, **changes: object) -> None:
        """Write its configuration with `changes`; JSON is YAML."""
        self.config.update(changes)
        self.machine.write(CONFIG, json.dumps(self.config))

    def amend(self, *lines: str) -> None:
        """Add lines to the [Service] section of its unit."""
        self.drop_in("tests.conf", "\n".join(["[Service]", *lines, ""]))

    def drop_in(self, name: str, text: str) -> None:
        self.machine.write(f"{_DROP_INS}/{name}", text)
        self.machine.systemctl("daemon-reload")

    def start(self) -> None:
        """Return once systemd heard READY."""
        self.machine.systemctl("start", UNIT)

    def show(self, name: str) -> str:
        return self.machine.show(UNIT, name)

    def journal(self) -> List[str]:
        """The messages of its journal since this was made."""
        return self.machine.journal(UNIT)[self._seen :]

    def entries(self) -> List[Document]:
        """Its own journal entries since this was made, without systemd's."""
        mine = self.machine.entries(UNIT)[self._seen :]
        return [entry for entry in mine if entry.get("_SYSTEMD_UNIT") == UNIT]

    def wait_said(self, words: str, times: int = 1) -> None:
        """Wait until its journal holds the words so often."""

        def said() -> bool:
            return sum(words in line for line in self.journal()) >= times

        self.machine.wait_until(said, f"{words!r} is in the journal {times} times")


class City:
    """A control system inside the machine; a context manager that hears every topic."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._heard: List[Dict[str, str]] = []
        self._process: Optional[subprocess.Popen[str]] = None
        self._thread: Optional[threading.Thread] = None

    def __enter__(self) -> City:
        self._process = self._machine.popen(
            *(
                "mosquitto_sub",
                "-h",
                "127.0.0.1",
                "-u",
                "city",
                "-P",
                PASSWORD,
                "-t",
                "#",
                "-F",
                "%j",
                "-q",
                "1",
            )
        )
        self._thread = threading.Thread(target=self._read, args=(self._process,), name="city", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._thread is not None:
            self._machine.kill(self._process)
            self._thread.join()

    def payloads(self, topic: str) -> List[str]:
        """What was said on the topics that end so, oldest first."""
        return [message["payload"] for message in list(self._heard) if message["topic"].endswith(topic)]

    def wait(self, topic: str, holds: Callable[[List[str]], bool] = bool) -> List[str]:
        """The payloads on a topic, once they are as wanted: one, unless said otherwise."""
        self._machine.wait_until(lambda: holds(self.payloads(topic)), f"the city hears of {topic}")
        return self.payloads(topic)

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                self._heard.append(json.loads(line))
