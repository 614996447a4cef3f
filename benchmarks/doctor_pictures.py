"""Pictures what `beffroi doctor` says: here, and in a booted machine in which the service runs.

    python -m benchmarks.doctor_pictures FOLDER

Writes doctor.svg and doctor-service.svg. The second needs root and systemd-nspawn (tests/systemd).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.e2e.telling import flicker
from tests.fakes.films import write_scenes
from tests.systemd.beffroi import BINDS, CONFIG, MATERIAL, Beffroi, install
from tests.systemd.nspawn import Machine

_HERE = """
cameras:
  - {id: yard, url: 'scene:'}
  - {id: gate, url: 'rtsp://127.0.0.1:9/stream'}
mqtt: {host: 127.0.0.1, port: 18999}
store: {folder: data}
"""


def main(folder: Path) -> None:
    folder = folder.resolve()
    config = folder / "beffroi.yaml"
    config.write_text(_HERE, encoding="utf-8")
    here = [sys.executable, "-m", "agent.cli", "doctor", str(config), "--save-svg"]
    subprocess.run([*here, str(folder / "doctor.svg")], check=False)
    config.unlink()
    with Machine(BINDS) as machine:
        install(machine)
        film = f"{MATERIAL}/flicker.mp4"
        write_scenes(machine.path(film), flicker(120))
        with Beffroi(machine, film) as service:
            service.configure()
            service.start()
            inside = "/run/doctor.svg"
            told = machine.run(
                "/opt/beffroi/current/venv/bin/beffroi", "doctor", CONFIG, "--save-svg", inside, check=False
            )
            print(told.stdout)
            (folder / "doctor-service.svg").write_bytes(machine.path(inside).read_bytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
