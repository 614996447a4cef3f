"""`beffroi run` as systemd runs it: signals, notifications, logs, exit codes."""

from __future__ import annotations

import signal
import socket
from contextlib import closing, suppress
from pathlib import Path
from typing import List

from tests.e2e.command import Daemon, beffroi, write_config
from tests.e2e.whole import PATIENCE_S, ROOT, document
from tests.fakes.broker import Broker
from tests.fakes.listener import Listener


def test_systemd_and_the_city_hear_of_its_life_and_nobody_of_its_secrets(
    tmp_path: Path, bundle: Path, burning: Path, broker: Broker
) -> None:
    config = document(tmp_path / "data", bundle, yard=burning)
    config["cameras"].append({"id": "gate", "url": "rtsp://watch:hunter2@127.0.0.1:9/token=hunter2"})
    config["mqtt"] = {"host": broker.host, "port": broker.port, "username": "u", "password": "${PASSWORD}"}
    config["log_level"] = "debug"
    path = write_config(tmp_path / "beffroi.yaml", config)
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as systemd, Listener(broker.port) as city:
        systemd.bind(str(tmp_path / "notify"))
        environ = {
            "NOTIFY_SOCKET": systemd.getsockname(),
            "WATCHDOG_USEC": "60000000",
            "PASSWORD": "correct-horse",
        }
        with Daemon(path, environ) as daemon:
            systemd.settimeout(PATIENCE_S)
            hear(systemd, "READY=1")
            hear(systemd, "WATCHDOG=1")
            city.wait_topic(f"{ROOT}/incident/fire/opened", timeout_s=PATIENCE_S)
            daemon.wait_said("camera lost")
            assert daemon.stop() == 0
            city.wait_topic(f"{ROOT}/availability", b"offline")
            assert "STOPPING=1" in rest(systemd)
            said = daemon.said()
            log = daemon.log()
    assert {"agent started", "camera plays", "incident", "broker connected", "agent stopped"} <= {
        line["event"] for line in said
    }
    assert all("timestamp" in line and "level" in line for line in said)
    assert "hunter2" not in log
    assert "correct-horse" not in log
    assert str(burning) in log, "an address without a secret is shown"


def hear(systemd: socket.socket, first_line: str) -> None:
    while systemd.recv(500).decode().split("\n")[0] != first_line:
        pass


def rest(systemd: socket.socket) -> List[str]:
    said = []
    systemd.setblocking(False)
    with suppress(BlockingIOError):
        while True:
            said.append(systemd.recv(500).decode())
    return said


def test_a_reload_takes_what_is_right_and_keeps_the_old_for_what_is_wrong(
    tmp_path: Path, bundle: Path, calm: Path, broker: Broker
) -> None:
    config = document(tmp_path / "data", bundle, yard=calm)
    config["mqtt"] = {"host": broker.host, "port": broker.port}
    path = write_config(tmp_path / "beffroi.yaml", config)

    def cameras(expected: str) -> None:
        listener.wait_for(
            lambda heard: any(expected in m.payload.decode() for m in heard if m.topic == f"{ROOT}/status"),
            PATIENCE_S,
        )

    with Listener(broker.port) as listener, Daemon(path) as daemon:
        cameras('["yard"]')
        path.write_text("cameras: [scene:]\nspeed: 3\n")
        daemon.send(signal.SIGHUP)
        daemon.wait_said("configuration not reloaded, the old one stays in force")
        config["cameras"] = [{"id": "gate", "url": str(calm)}]
        write_config(path, config)
        daemon.send(signal.SIGHUP)
        daemon.wait_said("configuration reloaded")
        cameras('["gate"]')
        config["fire"]["bundle"] = str(tmp_path / "no-bundle")
        write_config(path, config)
        daemon.send(signal.SIGHUP)
        daemon.wait_said("the new configuration does not start, back to the old one")
        daemon.wait_said("configuration reloaded", times=2)
        assert daemon.stop() == 0
        errors = [line for line in daemon.said() if line["level"] == "error"]
    assert "speed" in errors[0]["error"]
    assert "no-bundle" in errors[1]["error"]
    assert len(errors) == 2


def test_each_kind_of_error_has_its_exit_code(tmp_path: Path, bundle: Path, calm: Path) -> None:
    nowhere = beffroi("run", "missing.yaml", cwd=tmp_path)
    assert nowhere.returncode == 2
    assert "missing.yaml" in nowhere.stderr
    (tmp_path / "broken.yaml").write_text("cameras: [scene:]\nspeed: 3\nlog_level: loud\n")
    broken = beffroi("run", "broken.yaml", cwd=tmp_path)
    assert broken.returncode == 2
    assert "broken.yaml:2:1" in broken.stderr
    assert "broken.yaml:3:" in broken.stderr
    assert "Traceback" not in broken.stderr
    config = write_config(tmp_path / "beffroi.yaml", document(tmp_path, tmp_path / "none", yard=calm))
    unbundled = beffroi("run", cwd=tmp_path, environ={"BEFFROI_CONFIG": str(config)})
    assert unbundled.returncode == 3
    assert "there is no bundle" in unbundled.stderr
    (tmp_path / "file").write_text("in the way")
    config = write_config(tmp_path / "beffroi.yaml", document(tmp_path / "file", bundle, yard=calm))
    assert beffroi("run", cwd=tmp_path).returncode == 6
