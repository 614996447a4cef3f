"""Installation on a booted machine that never had it: install, upgrade, return, remove."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, List

import pytest

from agent.store.migrate import head_revision
from tests.systemd.beffroi import CONFIG, DATA, SECRETS, UNIT
from tests.systemd.bundles import NoBundleError, make_bundle, vary
from tests.systemd.nspawn import CHECKOUT, Machine, NoCellError, obstacle

_SYSTEM_PYTHON = "/usr/bin/python3"


def _of_the_system() -> str:
    """The version of Python that the installation takes; empty where there is none."""
    if not Path(_SYSTEM_PYTHON).exists():
        return ""
    ask = [_SYSTEM_PYTHON, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    return subprocess.run(ask, check=True, capture_output=True, text=True).stdout.strip()


_XY = _of_the_system()
pytestmark = [
    pytest.mark.timeout(400),
    pytest.mark.skipif(
        "{}.{}".format(*sys.version_info) != _XY,
        reason=f"installs with the system's Python ({_XY or 'none'}): once, when that runs the tests",
    ),
]

_BUNDLES = "/srv/bundles"
_GIVEN = "/srv/given.yaml"
_FIRST = {"cameras": ["scene:?calm_s=3600"], "store": {"folder": DATA}}
_MIGRATION = """
revision = "9999"
down_revision = "{head}"
branch_labels = None
depends_on = None

def upgrade():
    from alembic import op
    op.execute("CREATE TABLE of_the_future (id INTEGER)")
"""


def _changed(path: str, old: str, new: str) -> str:
    text = (CHECKOUT / path).read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path} no longer has {old!r}"
    return text.replace(old, new)


@pytest.fixture(scope="session")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A good build, the next one, one that migrates the database and then sees nothing, one that crashes."""
    reason = obstacle()
    if reason is not None:
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("bundles")
    try:
        good = make_bundle(folder / "good")
    except NoBundleError as error:
        pytest.skip(str(error))
    registry, daemon = "agent/sources/registry.py", "agent/daemon.py"
    blind = {
        registry: _changed(
            registry,
            "    return source_of(\n",
            '    raise SourceError("broken build")\n    return source_of(\n',
        ),
        "agent/store/migrations/versions/r9999_future.py": _MIGRATION.format(head=head_revision()),
    }
    crash = {daemon: _changed(daemon, "        agent.start()\n        log", "        1 / 0\n        log")}
    vary(good, folder / "next", "7.0.1", {})
    vary(good, folder / "blind", "7.0.2", blind)
    vary(good, folder / "crashing", "7.0.3", crash)
    yield folder
    shutil.rmtree(str(folder))


@contextmanager
def _machine(bundles: Path) -> Iterator[Machine]:
    try:
        machine = Machine({_BUNDLES: bundles})
    except NoCellError as error:
        pytest.skip(str(error))
    with machine:
        yield machine


class Site:
    """A machine of a town, and its administrator."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def install(self, bundle: str, *options: str, expect: int = 0) -> str:
        """What the installation said; it must end with the exit code."""
        script = f"{_BUNDLES}/{bundle}/deploy/install.sh"
        return self._script("env", "BEFFROI_HEALTH_S=25", script, *options, expect=expect)

    def manage(self, script: str, *options: str, expect: int = 0) -> str:
        """Run a script of the installed version."""
        return self._script(f"/opt/beffroi/current/deploy/{script}", *options, expect=expect)

    def _script(self, *argv: str, expect: int) -> str:
        done = self.machine.run(*argv, check=False, timeout_s=200)
        said = f"{done.stdout}\n{done.stderr}"
        assert done.returncode == expect, said
        return said

    def version(self) -> str:
        return self.machine.run("/usr/local/bin/beffroi", "--version").stdout.split()[1]

    def watches(self) -> bool:
        """Active, and its camera is looked at."""
        status = self.machine.show(UNIT, "StatusText")
        return self.machine.show(UNIT, "ActiveState") == "active" and status.endswith("1 looked at")

    def left(self) -> List[str]:
        """What is named after Beffroi and was made on this machine since it booted; the data, the
        configuration and what passing programs leave in /tmp and root's home do not count."""
        excused = (DATA, "/etc/beffroi", "/root/", "/tmp/", "/var/tmp/")
        made = (f"/{path.as_posix()}" for path in self.machine.made() if "beffroi" in path.name.lower())
        return sorted(path for path in made if not path.startswith(excused))

    def data(self) -> List[str]:
        return sorted(path.name for path in self.machine.path(DATA).iterdir())

    def everything(self) -> str:
        """What is installed, to the time of every file and to the process that runs."""
        places = [
            "/opt/beffroi",
            "/etc/beffroi",
            "/usr/local/bin",
            "/usr/lib/sysusers.d",
            "/usr/lib/tmpfiles.d",
        ]
        found = self.machine.run(
            *("find", *places, "/etc/systemd/system", "/etc/passwd", "/etc/group"),
            *("-printf", "%p %m %u:%g %T@ %l\n"),
        )
        return found.stdout + self.machine.show(UNIT, "MainPID")


@pytest.fixture(scope="module")
def bare(bundles: Path) -> Iterator[Site]:
    """Nothing of Beffroi was ever here."""
    with _machine(bundles) as machine:
        machine.write(_GIVEN, json.dumps(_FIRST))
        yield Site(machine)


@pytest.fixture
def site(bare: Site) -> Site:
    """The good build is at work."""
    if not bare.watches():
        bare.machine.run("rm", "-f", CONFIG)
        bare.install("good", "--config", _GIVEN)
    assert (bare.version(), bare.watches()) == ("0.1.0", True)
    return bare


def test_without_a_configuration_it_puts_an_example_there_and_does_not_start(bare: Site) -> None:
    assert "put your cameras into" in bare.install("good")
    assert bare.machine.show(UNIT, "ActiveState") == "inactive"
    assert f"folder: {DATA}" in bare.machine.path(CONFIG).read_text()


def test_with_one_it_watches(site: Site) -> None:
    machine = site.machine
    assert machine.systemctl("is-enabled", UNIT) == "enabled"
    stat = ("stat", "--format=%a %U:%G %n")
    assert machine.run(*stat, CONFIG, SECRETS, DATA).stdout.splitlines() == [
        f"640 root:beffroi {CONFIG}",
        f"600 root:root {SECRETS}",
        f"750 beffroi:beffroi {DATA}",
    ]
    assert json.loads(machine.path(CONFIG).read_text()) == _FIRST
    assert machine.run("ps", "-o", "user=", "-p", machine.show(UNIT, "MainPID")).stdout.strip() == "beffroi"


def test_a_second_installation_changes_nothing(site: Site) -> None:
    before = site.everything()
    assert "nothing to do" in site.install("good", "--config", _GIVEN)
    assert site.everything() == before


def test_a_configuration_that_is_refused_stops_it_before_anything_is_switched(site: Site) -> None:
    kept = site.machine.path(CONFIG).read_text()
    pid = site.machine.show(UNIT, "MainPID")
    try:
        site.machine.path(CONFIG).write_text(json.dumps({**_FIRST, "speed": 3}))
        assert "speed" in site.install("next", expect=4)
    finally:
        site.machine.path(CONFIG).write_text(kept)
    assert (site.version(), site.machine.show(UNIT, "MainPID")) == ("0.1.0", pid)


def test_a_build_that_crashes_is_taken_back(site: Site) -> None:
    said = site.install("crashing", expect=5)
    assert "ZeroDivisionError" in said, "the reason is told"
    assert site.version() == "0.1.0"
    assert site.watches()


def test_a_build_that_sees_nothing_is_taken_back_and_the_database_too(site: Site) -> None:
    site.install("blind", expect=5)
    assert site.version() == "0.1.0"
    assert site.watches()
    aside = [name for name in site.data() if "set-aside" in name]
    assert aside, "what the newer one recorded is kept"
    assert not site.machine.path("/opt/beffroi/previous").exists(), "never a way back to what failed"


def test_an_upgrade_keeps_the_configuration_and_can_be_undone(site: Site) -> None:
    site.machine.path(CONFIG).write_text(json.dumps({**_FIRST, "site": "town"}))
    kept = site.machine.path(CONFIG).read_text()
    site.install("next", "--config", _GIVEN)
    assert (site.version(), site.watches()) == ("7.0.1", True)
    assert site.machine.path(CONFIG).read_text() == kept
    site.manage("install.sh", "--rollback")
    assert site.version() == "0.1.0"
    site.machine.wait_until(site.watches, "the older version watches")
    assert len(list(site.machine.path(f"{DATA}/backups").glob("*.db"))) <= 3


def test_removed_it_leaves_the_data_alone_and_purged_nothing(site: Site) -> None:
    said = site.manage("uninstall.sh")
    assert DATA in said
    machine = site.machine
    assert site.left() == []
    assert "beffroi.db" in site.data()
    assert machine.path(CONFIG).exists()
    assert machine.run("id", "beffroi").returncode == 0
    assert machine.show(UNIT, "LoadState") == "not-found"
    machine.run(f"{_BUNDLES}/good/deploy/uninstall.sh", "--purge")
    assert not machine.path(DATA).exists()
    assert not machine.path("/etc/beffroi").exists()
    assert machine.run("id", "beffroi", check=False).returncode != 0
