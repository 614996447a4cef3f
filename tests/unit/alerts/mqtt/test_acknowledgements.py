from __future__ import annotations

from typing import List, Optional

import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from agent.errors import DeliveryError, PermanentDeliveryError, TransientDeliveryError
from alerts.mqtt.acknowledgements import Acknowledgements
from alerts.mqtt.message import Confirmation


def puback(code: int) -> ReasonCode:
    return ReasonCode(PacketTypes.PUBACK, identifier=code)


LOST = TransientDeliveryError("lost")


@pytest.mark.parametrize("outran", [False, True])
def test_an_acknowledgement_settles_whether_it_comes_late_or_early(outran: bool) -> None:
    acknowledgements, confirmation = Acknowledgements(), Confirmation("t")
    if outran:
        acknowledgements.arrived(7, puback(0))
        acknowledgements.expect(7, confirmation)
    else:
        acknowledgements.expect(7, confirmation)
        assert not confirmation.settled.is_set()
        acknowledgements.arrived(7, puback(0))
    assert confirmation.settled.is_set()
    assert confirmation.error is None


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (0, None),
        (16, None),  # nobody subscribes: the broker has it all the same
        (128, TransientDeliveryError),
        (131, TransientDeliveryError),
        (135, PermanentDeliveryError),
        (144, PermanentDeliveryError),
        (151, TransientDeliveryError),
        (153, PermanentDeliveryError),
    ],
)
def test_what_each_reason_means(code: int, error: Optional[type]) -> None:
    acknowledgements, confirmation = Acknowledgements(), Confirmation("town/incident")
    acknowledgements.expect(1, confirmation)
    acknowledgements.arrived(1, puback(code))
    if error is None:
        assert confirmation.error is None
    else:
        assert type(confirmation.error) is error
        assert "town/incident" in str(confirmation.error)


def test_the_end_settles_whoever_waits_and_whoever_comes_after() -> None:
    acknowledgements = Acknowledgements()
    told: List[Optional[DeliveryError]] = []
    waiting, early, after = (Confirmation("t", told.append) for _ in range(3))
    acknowledgements.expect(1, waiting)
    acknowledgements.arrived(2, puback(0))
    acknowledgements.end(LOST)
    acknowledgements.end(TransientDeliveryError("again"))
    acknowledgements.expect(3, after)
    assert told == [LOST, LOST]
    acknowledgements.expect(2, early)
    assert early.error is LOST, "not known to be delivered: delivered again"


def test_message_ids_are_used_again() -> None:
    acknowledgements = Acknowledgements()
    for code in (0, 135):
        confirmation = Confirmation("t")
        acknowledgements.expect(1, confirmation)
        acknowledgements.arrived(1, puback(code))
    assert isinstance(confirmation.error, PermanentDeliveryError)
