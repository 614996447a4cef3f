"""The service under a real systemd: it starts, comes back, reloads, is held in its sandbox and stops."""

from __future__ import annotations

import json
import socket
import time
from contextlib import closing
from typing import Dict, Iterator, Tuple

import psutil
import pytest

from tests.e2e.telling import flicker, hasty
from tests.fakes.films import write_scenes
from tests.systemd.beffroi import MATERIAL, PASSWORD, SECRETS, UNIT, Beffroi, City
from tests.systemd.hanging import hanging_bundle
from tests.systemd.nspawn import CHECKOUT, CHECKOUT_INSIDE, Machine

FILM = f"{MATERIAL}/flicker.mp4"
TOLD = "/incident/fire/escalated"
TOKEN = "123456789:AAFakeTokenThatNobodyMayEverReadInALog"
BLUE = (250, 40, 40)
PROBE = "/opt/beffroi/current/venv/bin/python -m tests.systemd.probe"


@pytest.fixture(scope="module")
def film(tower: Machine) -> str:
    """Two minutes in which a fire breaks out again and again."""
    write_scenes(tower.path(FILM), flicker(120))
    return FILM


@pytest.fixture
def beffroi(tower: Machine, film: str) -> Iterator[Beffroi]:
    with Beffroi(tower, film) as service:
        service.configure()
        yield service


@pytest.fixture
def city(tower: Machine) -> Iterator[City]:
    with City(tower) as listener:
        yield listener


def test_it_is_active_within_ten_seconds_and_the_city_hears_of_a_fire(beffroi: Beffroi, city: City) -> None:
    began = time.monotonic()
    beffroi.start()
    took_s = time.monotonic() - began
    print(f"active after {took_s:.1f} s")
    assert took_s < 10, "the time that is promised"
    assert beffroi.show("ActiveState") == "active"
    city.wait(TOLD)
    assert beffroi.show("StatusText").startswith("1 of 1 cameras online")


def test_killed_it_is_back_and_delivers(beffroi: Beffroi, city: City) -> None:
    beffroi.start()
    city.wait(TOLD)
    first = beffroi.show("MainPID")
    beffroi.machine.systemctl("kill", "--signal=KILL", "--kill-who=main", UNIT)
    beffroi.wait_said("agent started", times=2)
    told = len(city.payloads(TOLD))
    city.wait(TOLD, lambda heard: len(heard) > told)
    assert beffroi.show("MainPID") not in ("0", first)
    assert beffroi.show("NRestarts") == "1"


def test_the_watchdog_ends_a_hung_inference_and_tells_where_it_hung(beffroi: Beffroi, city: City) -> None:
    """Real: a network that answers until it is shown blue, and then computes for ever."""
    machine = beffroi.machine
    film = f"{MATERIAL}/then-blue.mp4"
    write_scenes(machine.path(film), [*flicker(5), (BLUE, 60)])
    bundle = hanging_bundle(machine.path(f"{MATERIAL}/hanging"))
    beffroi.config["cameras"][0]["url"] = film
    beffroi.configure(fire={**beffroi.config["fire"], "bundle": f"{MATERIAL}/{bundle.name}"})
    beffroi.amend("WatchdogSec=6", "RestartSec=100ms")
    beffroi.start()
    city.wait(TOLD)
    beffroi.wait_said("the watch has stopped")
    beffroi.wait_said("Watchdog timeout")
    told = len(city.payloads(TOLD))
    city.wait(TOLD, lambda heard: len(heard) > told)
    assert int(beffroi.show("NRestarts")) >= 1
    stacks = "\n".join(beffroi.journal())
    assert "Fatal Python error: Aborted" in stacks
    assert "agent/inference/onnxruntime.py" in stacks, "the journal tells what every thread was doing"


def test_a_broken_configuration_is_refused_and_the_old_one_stays(beffroi: Beffroi, city: City) -> None:
    beffroi.start()
    first = beffroi.show("MainPID")
    beffroi.configure(speed=3)
    beffroi.machine.systemctl("reload", UNIT)
    beffroi.wait_said("configuration not reloaded, the old one stays in force")
    (refusal,) = [line for line in beffroi.journal() if "configuration not reloaded" in line]
    assert "speed" in json.loads(refusal)["error"]
    beffroi.machine.wait_until(lambda: "was refused" in beffroi.show("StatusText"), "the status tells of it")
    told = len(city.payloads(TOLD))
    city.wait(TOLD, lambda heard: len(heard) > told)
    assert (beffroi.show("ActiveState"), beffroi.show("MainPID")) == ("active", first)


def test_a_right_configuration_is_taken_without_a_new_process(beffroi: Beffroi, city: City) -> None:
    beffroi.start()
    first = beffroi.show("MainPID")
    beffroi.config["cameras"][0]["id"] = "gate"
    beffroi.configure()
    beffroi.machine.systemctl("reload", UNIT)
    city.wait("/status", lambda heard: any('["gate"]' in payload for payload in heard))
    beffroi.wait_said("configuration reloaded")
    city.wait(TOLD, lambda heard: any('"gate"' in payload for payload in heard))
    assert (beffroi.show("ActiveState"), beffroi.show("MainPID")) == ("active", first)


def test_without_secrets_it_starts_all_the_same(beffroi: Beffroi) -> None:
    beffroi.machine.path(SECRETS).unlink()
    beffroi.config["mqtt"] = None
    beffroi.configure()
    beffroi.start()
    assert beffroi.show("ActiveState") == "active"


def test_it_stops_within_five_seconds_and_says_goodbye(beffroi: Beffroi, city: City) -> None:
    beffroi.start()
    city.wait(TOLD)
    began = time.monotonic()
    beffroi.machine.systemctl("stop", UNIT)
    took_s = time.monotonic() - began
    print(f"stopped after {took_s:.1f} s")
    assert took_s < 5, "the time that is promised"
    assert beffroi.show("Result") == "success"
    assert city.wait("/availability", lambda heard: heard[-1:] == ["offline"])


def test_it_never_stops_being_started_again(beffroi: Beffroi) -> None:
    beffroi.amend("ExecStart=", "ExecStart=/bin/false", "RestartSec=50ms")
    beffroi.machine.systemctl("start", "--no-block", UNIT)
    beffroi.machine.wait_until(lambda: int(beffroi.show("NRestarts")) > 10, "it is started again and again")
    assert beffroi.show("Result") != "start-limit-hit"


def test_its_log_is_json_with_priorities_and_without_secrets(beffroi: Beffroi, city: City) -> None:
    beffroi.machine.write(SECRETS, f"BROKER_PASSWORD={PASSWORD}\nTOKEN='{TOKEN}'\nCAMERA=hunter2\n", 0o600)
    beffroi.config["cameras"].append({"id": "gate", "url": "rtsp://watch:${CAMERA}@127.0.0.1:9/${CAMERA}"})
    beffroi.configure(
        telegram={"token": "${TOKEN}", "api_url": "http://127.0.0.1:9"},
        log_level="debug",
        fire=hasty(beffroi.config["fire"]),
    )
    beffroi.start()
    city.wait(TOLD)
    beffroi.wait_said("camera lost")
    beffroi.wait_said("Telegram")
    entries = beffroi.entries()
    lines = [json.loads(entry["MESSAGE"]) for entry in entries]
    priorities = {line["level"]: entry["PRIORITY"] for line, entry in zip(lines, entries)}
    assert priorities["info"] == "6"
    assert priorities["warning"] == "4"
    assert {entry["SYSLOG_IDENTIFIER"] for entry in entries} == {"beffroi"}
    assert not any("timestamp" in line for line in lines), "the journal has it"
    whole = "\n".join(beffroi.journal())
    for secret in (TOKEN, TOKEN.partition(":")[2], PASSWORD, "hunter2"):
        assert secret not in whole
    environment = beffroi.machine.run("cat", f"/proc/{beffroi.show('MainPID')}/environ").stdout
    assert "CREDENTIALS_DIRECTORY=" in environment
    assert PASSWORD not in environment


def probe(beffroi: Beffroi) -> Tuple[Dict[str, str], Dict[str, str]]:
    """What a program can do in the service's place, and what the kernel says of it."""
    machine = beffroi.machine
    machine.write("/home/somebody/letter", "dear ...")
    machine.write("/tmp/theirs", "x")
    machine.run("sh", "-c", "mknod -m 666 /dev/probe-disk b 7 0 || :")
    beffroi.amend(
        *("Type=oneshot", "Restart=no", "WatchdogSec=0", "ExecStart=", f"ExecStart={PROBE}"),
        f"Environment=PYTHONPATH={CHECKOUT_INSIDE}",
    )
    machine.systemctl("start", UNIT)
    beffroi.wait_said('"tries"')
    (said,) = [line for line in beffroi.journal() if '"tries"' in line]
    return json.loads(said)["tries"], json.loads(said)["status"]


def test_the_sandbox_holds(beffroi: Beffroi) -> None:
    tries, status = probe(beffroi)
    assert tries == {
        "write /etc": "EROFS",
        "write /opt": "EROFS",
        "write /proc/sys": "EROFS",
        "write the data": "done",
        "write the cache": "done",
        "write a temporary file": "done",
        "see another's temporary file": "ENOENT",
        "see /home": "EACCES",
        "see /root": "EACCES",
        "see init": "ENOENT",
        "read the secrets": "EACCES",
        "read the credential": "done",
        "read the configuration": "done",
        "open a disk": "EPERM",
        "open /dev/null": "done",
        "make a set-uid file": "EPERM",
        "change an owner": "EPERM",
        "unshare": "EPERM",
        "mount": "EPERM",
        "personality": "EPERM",
        "reach the CSI cameras": "ENOENT",
        "packet socket": "EAFNOSUPPORT",
        "netlink socket": "EAFNOSUPPORT",
        "resolve a name": "done",
        "be nice": "done",
    }
    assert "0" not in status["Uid"].split()
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert int(beffroi.show("MemoryMax")) < psutil.virtual_memory().total
    assert beffroi.show("OOMScoreAdjust") == "-500"


def test_with_the_drop_in_for_csi_cameras_their_daemon_can_be_reached(beffroi: Beffroi) -> None:
    path = beffroi.machine.path("/tmp/argus_socket")
    beffroi.drop_in("csi.conf", (CHECKOUT / "systemd" / "drop-ins" / "csi.conf").read_text())
    with closing(socket.socket(socket.AF_UNIX)) as argus:
        argus.bind(str(path))
        path.chmod(0o777)
        argus.listen()
        tries, _ = probe(beffroi)
    path.unlink()
    assert tries["reach the CSI cameras"] == "done"
    assert tries["write a temporary file"] == "done"
    assert tries["write /etc"] == "EROFS"
