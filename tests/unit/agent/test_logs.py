from __future__ import annotations

import io
import json
import logging
import os
from pathlib import Path
from typing import Iterator

import pytest
import structlog

from agent import logs


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_elsewhere_than_a_terminal_each_line_is_a_json_object() -> None:
    out = io.StringIO()
    logs.configure("info", out)
    structlog.get_logger("agent.test").info("camera online", camera="gate")
    line = json.loads(out.getvalue())
    assert (line["event"], line["camera"], line["level"]) == ("camera online", "gate", "info")


def test_the_journal_gets_the_priority_and_keeps_the_time_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / "journal").open("w+") as out:
        status = os.fstat(out.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{status.st_dev}:{status.st_ino}")
        logs.configure("debug", out, secrets=["hunter2"])
        log = structlog.get_logger("agent.test")
        log.debug("looks", password="hunter2")
        log.error("camera lost")
        logging.getLogger("elsewhere").critical("on fire")
        out.seek(0)
        lines = out.read().splitlines()
    assert [line[:3] for line in lines] == ["<7>", "<3>", "<2>"]
    assert json.loads(lines[0][3:]) == {"event": "looks", "password": "***", "level": "debug"}


def test_a_terminal_gets_words() -> None:
    out = Terminal()
    logs.configure("info", out)
    structlog.get_logger("agent.test").warning("camera blind", camera="gate")
    assert "camera blind" in out.getvalue()
    assert not out.getvalue().startswith("{")


def test_the_level_is_respected() -> None:
    out = io.StringIO()
    logs.configure("warning", out)
    structlog.get_logger("agent.test").info("chatter")
    assert out.getvalue() == ""


def refuse(reason: str) -> None:
    raise ValueError(reason)


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()])
def test_secrets_and_url_credentials_never_come_out_not_even_in_tracebacks(stream: io.StringIO) -> None:
    logs.configure("info", stream, secrets=['hunter"2'])
    log = structlog.get_logger("agent.test")
    log.info("opening", url="rtsp://admin:pw@10.0.0.1/live", nested={"password": 'hunter"2'})
    try:
        refuse('login hunter"2 refused at rtsp://u:p@cam/1')
    except ValueError:
        log.exception("failed")
    logging.getLogger("paho").error('broker said hunter"2')
    text = stream.getvalue()
    assert "hunter" not in text
    assert "admin:pw" not in text
    assert "u:p@" not in text
    assert "***" in text


def test_other_libraries_loggers_come_out_in_the_same_form() -> None:
    out = io.StringIO()
    logs.configure("info", out)
    logging.getLogger("apscheduler").warning("job missed by %s", "3 s")
    assert json.loads(out.getvalue())["event"] == "job missed by 3 s"
