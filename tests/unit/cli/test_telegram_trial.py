"""`beffroi check --connect` asks Telegram who the bot is, and tells nobody anything."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict

import pytest

from agent.errors import TransientDeliveryError
from alerts.telegram.probe import probe
from tests.fakes.telegram import TOKEN, Broken, TelegramServer
from tests.fakes.telegram.fixture import telegram
from tests.fakes.tower import telegram_settings

__all__ = ["telegram"]


def test_the_bots_name_is_said(telegram: TelegramServer) -> None:
    assert probe(telegram_settings(telegram)) == "@beffroi_test_bot"
    assert [call.method for call in telegram.calls()] == ["getMe"]


def test_a_token_that_is_refused(telegram: TelegramServer) -> None:
    settings = telegram_settings(telegram, token=TOKEN[:-2] + "xx")
    with pytest.raises(TransientDeliveryError, match="copy it anew from @BotFather") as refused:
        probe(settings)
    assert TOKEN[:-2] not in str(refused.value)


def test_a_server_that_is_ill(telegram: TelegramServer) -> None:
    telegram.fails(Broken(), times=None)
    with pytest.raises(TransientDeliveryError, match=r"reached: .*; check the network, telegram\.api_url"):
        probe(telegram_settings(telegram))


def test_nobody_listens(telegram: TelegramServer) -> None:
    with telegram.down(), pytest.raises(TransientDeliveryError, match="cannot be reached"):
        probe(telegram_settings(telegram))


@pytest.fixture
def config(tmp_path: Path, telegram: TelegramServer) -> Path:
    path = tmp_path / "beffroi.yaml"
    path.write_text(
        "cameras: [{id: yard, url: 'usb:0', enabled: false}]\n"
        f"telegram: {{token: '{TOKEN}', api_url: '{telegram.url}'}}\n"
    )
    return path


def connected(config: Path) -> Dict[str, Any]:
    command = [sys.executable, "-m", "agent.cli", "check", str(config), "--connect", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert TOKEN not in done.stdout + done.stderr
    (outcome,) = json.loads(done.stdout)["connections"]
    return {**outcome, "code": done.returncode}


def test_the_command_says_so(config: Path) -> None:
    assert connected(config) == {
        "what": "telegram",
        "ok": True,
        "text": "the bot is @beffroi_test_bot",
        "code": 0,
    }


def test_the_command_fails_where_telegram_is_away(config: Path, telegram: TelegramServer) -> None:
    with telegram.down():
        outcome = connected(config)
    assert outcome["code"] == 5
    assert not outcome["ok"]
