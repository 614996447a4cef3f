"""The connection: it polls, sends, survives whatever fails, and says so once."""

from __future__ import annotations

import asyncio
import logging
import random
import threading
from typing import Any, Callable, Iterator, List, Optional

import pytest
import telegram as ptb
from structlog.testing import capture_logs

from agent.errors import PermanentDeliveryError, TransientDeliveryError
from agent.telemetry import Telemetry
from alerts.telegram.gateway import Gateway
from alerts.telegram.trouble import ChatGoneError, ChatMovedError
from tests.fakes.clock import FakeClock
from tests.fakes.telegram import (
    TOKEN,
    Broken,
    Dropped,
    Garbled,
    Hangs,
    TelegramServer,
    bot_blocked,
    conflict,
    migrated,
    too_large,
    too_many_requests,
    unauthorized,
)
from tests.fakes.tower import Sleeper, telegram_settings
from tests.fakes.waiting import until


class Line:
    """A gateway in its thread, and what its handler was given."""

    def __init__(self, server: TelegramServer, clock: FakeClock, **settings: Any) -> None:
        self.sleeper = Sleeper(clock)
        self.telemetry = Telemetry(clock)
        self.texts: List[str] = []
        self.started = 0
        self.handle: Callable[[ptb.Bot, ptb.Update], Any] = self._note
        self.gateway = Gateway(
            telegram_settings(server, **settings),
            clock,
            self.telemetry,
            rng=random.Random(1),
            sleep=self.sleeper,
        )
        self.gateway.listen(self._start, self._update)
        self.stopping = threading.Event()
        self._thread: Optional[threading.Thread] = None

    def run(self, wait: bool = True) -> Line:
        self.stopping = threading.Event()
        self._thread = threading.Thread(target=self.gateway.run, args=(self.stopping,))
        self._thread.start()
        if wait:
            self.wait_ready()
        return self

    def end(self) -> None:
        self.stopping.set()
        self.sleeper.release()
        if self._thread is not None:
            self._thread.join(10)
            assert not self._thread.is_alive()

    def wait_ready(self, ready: bool = True) -> None:
        until(lambda: self.gateway.ready() is ready, f"ready is {ready}")

    def wait_texts(self, *texts: str) -> None:
        until(lambda: self.texts == list(texts), f"{list(texts)} instead of {self.texts}")

    def say(self, chat: int, text: str = "hello", **options: Any) -> int:
        async def send(bot: ptb.Bot) -> ptb.Message:
            return await bot.send_message(chat, text)

        message: ptb.Message = self.gateway.call(send, 5.0, **options)
        return message.message_id

    async def _start(self, bot: ptb.Bot) -> None:
        await bot.set_my_commands([("help", "what there is")])
        self.started += 1

    async def _update(self, bot: ptb.Bot, update: ptb.Update) -> None:
        await self.handle(bot, update)

    async def _note(self, bot: ptb.Bot, update: ptb.Update) -> None:
        if update.message is not None:
            self.texts.append(str(update.message.text))
        if update.callback_query is not None:
            self.texts.append(f"pressed {update.callback_query.data}")


@pytest.fixture
def line(telegram: TelegramServer, clock: FakeClock) -> Iterator[Line]:
    built = Line(telegram, clock)
    yield built
    built.end()


def test_it_connects_introduces_itself_and_hands_on_what_people_write(
    line: Line, telegram: TelegramServer
) -> None:
    marie = telegram.person("Marie Curie")
    marie.says("before it ran")
    line.run()
    marie.says("/status")
    line.wait_texts("before it ran", "/status")
    until(lambda: line.started == 1, "it is introduced")
    assert telegram.menu() == {"help": "what there is"}


def test_it_speaks_from_any_thread(line: Line, telegram: TelegramServer) -> None:
    marie = telegram.person("Marie")
    line.run()
    line.say(marie.id, "hello Marie")
    assert marie.last.text == "hello Marie"


def test_nothing_can_be_said_before_it_runs_or_after_it_ended(line: Line, telegram: TelegramServer) -> None:
    marie = telegram.person("Marie")
    assert not line.gateway.ready()
    with pytest.raises(TransientDeliveryError, match="no connection"):
        line.say(marie.id)
    line.run().end()
    assert not line.gateway.ready()
    with pytest.raises(TransientDeliveryError, match="no connection"):
        line.say(marie.id)
    line.gateway.doubt()


def test_what_was_handled_is_not_handled_again_after_a_restart(line: Line, telegram: TelegramServer) -> None:
    marie = telegram.person("Marie")
    line.run()
    marie.says("once")
    line.wait_texts("once")
    line.end()
    line.run()
    marie.says("after")
    line.wait_texts("once", "after")


def test_an_update_is_confirmed_only_after_its_handling_has_begun(
    line: Line, telegram: TelegramServer
) -> None:
    begun = threading.Event()
    go_on = threading.Event()

    async def handle(bot: ptb.Bot, update: ptb.Update) -> None:
        begun.set()
        await asyncio.get_running_loop().run_in_executor(None, go_on.wait, 10)

    line.handle = handle
    line.run()
    telegram.person("Marie").says("hello")
    assert begun.wait(10)
    telegram.wait_taken()
    go_on.set()


def test_a_handler_that_fails_is_logged_and_ends_nothing(line: Line, telegram: TelegramServer) -> None:
    async def handle(bot: ptb.Bot, update: ptb.Update) -> None:
        if update.message is not None and update.message.text == "bad":
            raise RuntimeError(f"no luck with {bot.base_url}")
        await line._note(bot, update)

    line.handle = handle
    marie = telegram.person("Marie")
    with capture_logs() as logs:
        line.run()
        marie.says("bad")
        marie.says("good")
        line.wait_texts("good")
    (failed,) = [entry for entry in logs if "traceback" in entry]
    assert "no luck with" in failed["traceback"]
    assert TOKEN not in str(logs)


def test_an_update_that_nobody_can_read_is_left_out(line: Line, telegram: TelegramServer) -> None:
    marie = telegram.person("Marie")
    line.run()
    with capture_logs() as logs:
        telegram.push({"message": 5})
        telegram.push({"message": {"message_id": "x", "date": "y"}})
        marie.says("readable")
        line.wait_texts("readable")
    assert [entry["event"] for entry in logs].count("an update cannot be read and is left out") == 2


def test_one_persons_messages_keep_their_order_and_a_button_does_not_wait(
    line: Line, telegram: TelegramServer
) -> None:
    go_on: List[asyncio.Event] = []

    async def handle(bot: ptb.Bot, update: ptb.Update) -> None:
        if update.message is not None and update.message.text == "slow":
            go_on.append(asyncio.Event())
            await go_on[0].wait()
        await line._note(bot, update)
        if update.callback_query is not None:
            go_on[0].set()

    line.handle = handle
    marie, paul = telegram.person("Marie"), telegram.person("Paul")
    line.run()
    message = marie.message(line.say(marie.id, "press"))
    marie.says("slow")
    marie.says("second")
    paul.says("of another")
    line.wait_texts("of another")
    marie.presses_data("now", message)
    line.wait_texts("of another", "pressed now", "slow", "second")


def test_more_than_can_be_handled_waits_at_telegram(line: Line, telegram: TelegramServer) -> None:
    gate: List[asyncio.Event] = []
    running: List[int] = [0, 0]

    async def handle(bot: ptb.Bot, update: ptb.Update) -> None:
        if not gate:
            gate.append(asyncio.Event())
        running[0] += 1
        running[1] = max(running)
        if running[0] == 64:
            gate[0].set()
        await gate[0].wait()
        running[0] -= 1
        await line._note(bot, update)

    line.handle = handle
    people = [telegram.person(f"P{number}") for number in range(100)]
    for person in people:
        person.says("hi")
    line.run()
    until(lambda: len(line.texts) == 100, "all are handled")
    assert running[1] == 64


def test_a_second_poller_is_told_of_once_and_alerts_still_go_out(
    line: Line, telegram: TelegramServer
) -> None:
    marie = telegram.person("Marie")
    with capture_logs() as logs, telegram.fails(conflict(), "getUpdates", times=None) as rival:
        line.run()
        telegram.wait_for(lambda: rival.hits > 3)
        line.say(marie.id, "fire")
    marie.says("hello")
    line.wait_texts("hello")
    told = [entry for entry in logs if "another program" in entry["event"]]
    assert len(told) == 1
    assert marie.last.text == "fire"


def test_a_refused_token_is_told_of_once_with_the_remedy(line: Line, telegram: TelegramServer) -> None:
    with capture_logs() as logs, telegram.fails(unauthorized(), times=None) as refused:
        line.run(wait=False)
        telegram.wait_for(lambda: refused.hits > 3)
        assert not line.gateway.ready()
    line.wait_ready()
    told = [entry for entry in logs if "refuses the token" in entry["event"]]
    assert len(told) == 1
    assert "copy it anew from @BotFather" in told[0]["reason"]
    assert TOKEN not in str(logs)


def test_telegram_away_and_back(line: Line, telegram: TelegramServer) -> None:
    marie = telegram.person("Marie")
    line.run()
    until(lambda: line.started == 1, "it is introduced")
    line.sleeper.hold()
    with capture_logs() as logs:
        with telegram.down():
            until(lambda: line.sleeper.wake(2) and not line.gateway.ready(), "it is noticed")
            with pytest.raises(TransientDeliveryError, match="cannot be reached"):
                line.say(marie.id)
        line.sleeper.release()
        line.wait_ready()
        marie.says("hello again")
        line.wait_texts("hello again")
    told = [entry["event"] for entry in logs if entry["event"].startswith("Telegram")]
    assert told == ["Telegram unreachable", "Telegram connected"]
    assert line.started == 1


def test_a_failing_send_has_the_connection_looked_into(telegram: TelegramServer, clock: FakeClock) -> None:
    line = Line(telegram, clock, poll_s=50).run()
    try:
        with telegram.fails(Dropped(), ("sendMessage", "getMe"), times=None):
            with pytest.raises(TransientDeliveryError):
                line.say(telegram.person("Marie").id)
            line.wait_ready(False)
        line.wait_ready()
    finally:
        line.end()


@pytest.mark.parametrize("fault", [Broken(), Broken(503), Garbled(), Dropped(), too_many_requests(3)])
def test_polling_survives(fault: Any, line: Line, telegram: TelegramServer) -> None:
    marie = telegram.person("Marie")
    line.run()
    marie.says("first")
    line.wait_texts("first")
    script = telegram.fails(fault, "getUpdates", times=3)
    marie.says("second")
    line.wait_texts("first", "second")
    telegram.wait_for(lambda: script.hits == 3 or marie.says("more"))


def test_an_introduction_that_fails_is_made_up_for(line: Line, telegram: TelegramServer) -> None:
    telegram.fails(Broken(), "setMyCommands")
    telegram.fails(Broken(), "getUpdates", times=2)
    line.run()
    telegram.wait_for(lambda: telegram.menu() == {"help": "what there is"})


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (bot_blocked(), ChatGoneError),
        (migrated(-100123), ChatMovedError),
        (too_many_requests(90), TransientDeliveryError),
        (too_large(), PermanentDeliveryError),
        (Broken(), TransientDeliveryError),
        (Dropped(), TransientDeliveryError),
        (Garbled(), TransientDeliveryError),
    ],
)
def test_what_an_answer_means(answer: Any, error: Any, line: Line, telegram: TelegramServer) -> None:
    marie = telegram.person("Marie")
    line.run()
    telegram.fails(answer, "sendMessage")
    with pytest.raises(error) as raised:
        line.say(marie.id)
    assert TOKEN not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__
    if isinstance(raised.value, ChatMovedError):
        assert raised.value.new_chat == -100123
    if "429" in str(getattr(answer, "code", "")):
        assert getattr(raised.value, "retry_after_s", None) == 90


def test_a_chat_that_nobody_knows_is_gone(line: Line) -> None:
    line.run()
    with pytest.raises(ChatGoneError, match="not found"):
        line.say(42)


def test_no_answer_in_time(telegram: TelegramServer, clock: FakeClock) -> None:
    line = Line(telegram, clock, timeout_s=0.2).run()
    hang = Hangs()
    telegram.fails(hang, "sendMessage")
    try:
        with pytest.raises(TransientDeliveryError, match="not answer in time"):
            line.say(telegram.person("Marie").id)
    finally:
        hang.release()
        line.end()


def test_a_call_has_a_limit_of_its_own(line: Line, telegram: TelegramServer) -> None:
    line.run()

    async def wait(bot: ptb.Bot) -> None:
        await asyncio.Event().wait()

    with pytest.raises(TransientDeliveryError, match="took longer"):
        line.gateway.call(wait, 0.05)


def test_a_call_under_way_ends_with_the_gateway(line: Line, telegram: TelegramServer) -> None:
    line.run()
    under_way = threading.Event()
    raised: List[BaseException] = []

    async def wait(bot: ptb.Bot) -> None:
        under_way.set()
        await asyncio.Event().wait()

    def call() -> None:
        try:
            line.gateway.call(wait, 30)
        except TransientDeliveryError as error:
            raised.append(error)

    caller = threading.Thread(target=call)
    caller.start()
    assert under_way.wait(10)
    line.end()
    caller.join(10)
    assert len(raised) == 1


def test_a_message_under_way_is_let_go_out_at_the_end(line: Line, telegram: TelegramServer) -> None:
    marie = telegram.person("Marie")
    line.run()
    hang = Hangs()
    telegram.fails(hang, "sendMessage")
    sent: List[int] = []
    caller = threading.Thread(target=lambda: sent.append(line.say(marie.id, "last words")))
    caller.start()
    hang.wait_reached()
    line.stopping.set()
    until(lambda: not line.gateway.ready(), "the door is closed")
    hang.release()
    caller.join(10)
    assert sent == [marie.last.id]


def test_a_short_429_is_waited_for(line: Line, telegram: TelegramServer) -> None:
    marie = telegram.person("Marie")
    line.run()
    telegram.fails(too_many_requests(7), "sendMessage")
    line.say(marie.id, "patient")
    first, second = telegram.calls("sendMessage")
    assert second.at - first.at >= 7
    assert line.telemetry.registry.get_sample_value("beffroi_telegram_held_back_total") == 1
    assert line.telemetry.registry.get_sample_value("beffroi_telegram_messages_total", {"way": "sent"}) == 1


def test_it_goes_through_the_proxy(telegram: TelegramServer, clock: FakeClock) -> None:
    line = Line(telegram, clock, api_url="http://telegram.invalid", proxy=telegram.url).run()
    try:
        line.say(telegram.person("Marie").id)
    finally:
        line.end()


def test_the_token_is_in_no_record_of_any_library(
    telegram: TelegramServer, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    line = Line(telegram, clock, timeout_s=0.3)
    caplog.set_level(logging.DEBUG)
    line.run()
    for name in ("httpx", "httpcore", "telegram", "telegram.Bot", "telegram.ext.ExtBot", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)
    marie = telegram.person("Marie")
    for fault in (Broken(), Dropped(), unauthorized(), too_many_requests(400)):
        telegram.fails(fault, "sendMessage")
        with pytest.raises(TransientDeliveryError) as raised:
            line.say(marie.id)
        assert TOKEN not in repr(raised.value)
    line.say(marie.id, "fine", patience_s=1000.0)
    line.end()
    assert any("sendMessage" in record.getMessage() for record in caplog.records)
    assert TOKEN not in caplog.text
    assert TOKEN.partition(":")[2] not in caplog.text


def test_a_bug_in_the_loop_ends_the_run_for_the_supervisor_to_restart(
    line: Line, telegram: TelegramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(bot: ptb.Bot) -> None:
        raise RuntimeError("a bug")

    line.gateway.listen(broken, line._update)
    with pytest.raises(RuntimeError, match="a bug"):
        line.gateway.run(threading.Event())
    line.gateway.listen(line._start, line._update)
    line.run()
