from __future__ import annotations

import json
import logging
import os
import signal
from pathlib import Path
from typing import Callable, ClassVar, Iterator, List

import pytest
import typer
from typer.testing import CliRunner

import agent.cli.run as module
from agent.config.settings import Settings
from agent.errors import ConfigError
from agent.service import Agent

app = typer.Typer()
app.command()(module.run)


class ShortLived(Agent):
    """An agent without parts that asks its own daemon to end as soon as it was started."""

    stuck: ClassVar[List[str]] = []

    def start(self) -> None:
        logging.getLogger("agent").warning("camera at %s", self.settings.cameras[0].url.get_secret_value())
        os.kill(os.getpid(), signal.SIGTERM)

    def stop(self) -> List[str]:
        return self.stuck


@pytest.fixture(autouse=True)
def process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """The command takes signals and logging over; the tests' own come back."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BEFFROI_CONFIG", raising=False)
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    monkeypatch.setattr(module, "Agent", ShortLived)
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    handlers = logging.getLogger().handlers[:]
    yield
    logging.getLogger().handlers[:] = handlers
    for number, handler in kept.items():
        signal.signal(number, handler)


def write(text: str) -> None:
    path = Path("beffroi.yaml")
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)


def test_it_ends_with_success_when_it_is_told_to_stop() -> None:
    write("cameras: ['rtsp://watch:hunter2@10.0.0.7/1']\n")
    result = CliRunner().invoke(app, [])
    assert result.exit_code == 0
    events = [json.loads(line) for line in result.output.splitlines()]
    assert [line["event"] for line in events][-2:] == ["agent started", "agent stopped"]
    assert "hunter2" not in result.output


def test_an_address_without_secrets_may_be_read() -> None:
    write("cameras: ['rtsp://10.0.0.7/stream1']\n")
    assert "rtsp://10.0.0.7/stream1" in CliRunner().invoke(app, []).output


def test_threads_that_hang_do_not_keep_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    codes: List[int] = []
    leave: Callable[[int], None] = codes.append
    monkeypatch.setattr(os, "_exit", leave)
    monkeypatch.setattr(ShortLived, "stuck", ["capture-gate"])
    write("cameras: [scene:]\n")
    assert CliRunner().invoke(app, []).exit_code == 0
    assert codes == [0]


def test_without_a_configuration_it_says_where_it_looked() -> None:
    result = CliRunner().invoke(app, [])
    assert isinstance(result.exception, ConfigError)
    assert "beffroi.yaml" in str(result.exception)


def test_every_secret_of_the_settings_is_known_to_the_log() -> None:
    settings = Settings.model_validate(
        {
            "cameras": [
                "rtsp://watch:hunter2@10.0.0.7/1",
                "http://10.0.0.8/video?token=abcdef",
                "rtsp://10.0.0.9/1",
                "film.mp4",
                "scene:",
            ],
            "mqtt": {"host": "broker", "username": "u", "password": "correct-horse"},
        }
    )
    assert module._secrets(settings) == [
        "rtsp://watch:hunter2@10.0.0.7/1",
        "http://10.0.0.8/video?token=abcdef",
        "hunter2",
        "correct-horse",
    ]
