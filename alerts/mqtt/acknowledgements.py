"""Matches the broker's acknowledgements with the publications that wait for them."""

from __future__ import annotations

import threading
from typing import Dict, List, Optional, Union

from paho.mqtt.reasoncodes import ReasonCode

from agent.errors import DeliveryError
from alerts.mqtt.message import Confirmation
from alerts.mqtt.trouble import verdict


class Acknowledgements:
    """Of one connection; thread-safe. Nothing is settled while a lock is held."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # By message id: the one who waits or, where it outran publish(), the acknowledgement. Whichever comes
        # second takes the entry out.
        self._open: Dict[int, Union[Confirmation, ReasonCode]] = {}
        self._over: Optional[DeliveryError] = None

    def expect(self, mid: int, confirmation: Confirmation) -> None:
        """Settle the confirmation when the acknowledgement of `mid` arrives, or now if it did."""
        with self._lock:
            over = self._over
            reason = self._open.pop(mid, None)
            if reason is None and over is None:
                self._open[mid] = confirmation
                return
        if isinstance(reason, ReasonCode):
            confirmation.settle(verdict(reason, confirmation.topic))
        else:
            confirmation.settle(over)

    def arrived(self, mid: int, reason: ReasonCode) -> None:
        """The broker acknowledged `mid`, for better or worse."""
        with self._lock:
            waiting = self._open.pop(mid, None)
            if waiting is None and self._over is None:
                self._open[mid] = reason
        if isinstance(waiting, Confirmation):
            waiting.settle(verdict(reason, waiting.topic))

    def end(self, error: DeliveryError) -> None:
        """No more will arrive: whoever waits, or will wait, gets `error`."""
        with self._lock:
            if self._over is not None:
                return
            self._over = error
            waiting: List[Confirmation] = [
                one for one in self._open.values() if isinstance(one, Confirmation)
            ]
            self._open.clear()
        for confirmation in waiting:
            confirmation.settle(error)
