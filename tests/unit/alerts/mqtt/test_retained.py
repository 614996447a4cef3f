from __future__ import annotations

from typing import List, Optional, Tuple

from structlog.testing import capture_logs

from agent.errors import PermanentDeliveryError, TransientDeliveryError
from alerts.mqtt.message import JSON, Confirmation, Message, Then
from alerts.mqtt.retained import Retained


class SlowLine:
    """Implements alerts.mqtt.retained.Line; acknowledges when the test says so."""

    def __init__(self) -> None:
        self.sent: List[Tuple[str, bytes]] = []
        self.flying: List[Confirmation] = []

    def publish(self, message: Message, then: Optional[Then] = None) -> Confirmation:
        self.sent.append((message.topic, message.payload))
        self.flying.append(Confirmation(message.topic, then))
        return self.flying[-1]


def word(topic: str, payload: str) -> Message:
    return Message(topic, payload.encode(), JSON, retain=True)


def test_what_is_said_with_nobody_there_is_said_on_connect() -> None:
    retained, line = Retained(), SlowLine()
    retained.say(word("a", "1"))
    retained.say(word("b", "1"))
    retained.say(word("a", "2"))
    retained.connected(line)
    assert line.sent == [("a", b"2"), ("b", b"1")]


def test_words_that_were_overtaken_are_never_sent() -> None:
    retained, line = Retained(), SlowLine()
    retained.connected(line)
    for number in range(1000):
        retained.say(word("a", str(number)))
    assert line.sent == [("a", b"0")]
    line.flying[0].settle(None)
    assert line.sent == [("a", b"0"), ("a", b"999")]
    line.flying[1].settle(None)
    assert len(line.sent) == 2


def test_all_is_said_again_on_the_next_connection() -> None:
    retained, first, second = Retained(), SlowLine(), SlowLine()
    retained.say(word("a", "1"))
    retained.connected(first)
    retained.disconnected()
    first.flying[0].settle(TransientDeliveryError("lost"))
    retained.say(word("a", "2"))
    retained.connected(second)
    assert (first.sent, second.sent) == ([("a", b"1")], [("a", b"2")])


def test_an_echo_of_the_old_connection_does_not_disturb_the_new_one() -> None:
    retained, first, second = Retained(), SlowLine(), SlowLine()
    retained.say(word("a", "1"))
    retained.connected(first)
    retained.connected(second)
    retained.say(word("a", "2"))
    first.flying[0].settle(None)
    assert second.sent == [("a", b"1")], "one in flight on the new connection"
    second.flying[0].settle(None)
    assert second.sent == [("a", b"1"), ("a", b"2")]


def test_a_topic_that_is_denied_is_told_and_not_tried_until_there_is_news() -> None:
    retained, line = Retained(), SlowLine()
    retained.connected(line)
    retained.say(word("a", "1"))
    with capture_logs() as logs:
        line.flying[0].settle(PermanentDeliveryError("denied"))
    assert [entry["error"] for entry in logs] == ["denied"]
    assert len(line.sent) == 1
    retained.say(word("a", "2"))
    assert line.sent[-1] == ("a", b"2")
