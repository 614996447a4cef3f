"""Telegram: each incident as one message in each chat, kept up to date, and a summary after an outage."""

from __future__ import annotations

import concurrent.futures
import threading
from datetime import tzinfo
from pathlib import Path
from typing import Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

import structlog

from agent.config.telegram_settings import TelegramSettings
from agent.domain.access import Member
from agent.domain.incident import Severity
from agent.errors import DeliveryError, PermanentDeliveryError, StoreError, TransientDeliveryError
from agent.ports import Clock, Delivery
from agent.store.alert_messages import AlertMessages
from agent.store.database import Database
from agent.store.history import History
from agent.store.members import Members
from agent.telemetry import Telemetry
from alerts.telegram.gateway import Gateway
from alerts.telegram.news import News
from alerts.telegram.pictures import Pictures
from alerts.telegram.post import Post
from alerts.telegram.recipients import Recipients
from alerts.telegram.round import LONGEST_S
from alerts.telegram.teller import Teller
from alerts.telegram.told import Told
from alerts.telegram.voice import Voice
from alerts.telegram.wording import Place

log = structlog.get_logger(__name__)

LATE_S = 120.0
_WINDOW = 30
_GLANCE_S = 0.05
_PATIENCE_AT_STOP_S = 1.0
_REQUESTS = 6
"""How many time-outs a round may run into before it is given up, which is the last resort: what is under way
then may arrive all the same, and is told twice."""

_Outcomes = List[Optional[DeliveryError]]


class TelegramSink:
    """Implements agent.ports.Sink and alerts.batching.BatchSink; `run` is the gateway's own."""

    name = "telegram"
    window = _WINDOW

    def __init__(
        self,
        settings: TelegramSettings,
        gateway: Gateway,
        database: Database,
        folder: Path,
        places: Mapping[str, Place],
        clock: Clock,
        telemetry: Telemetry,
        zone: Optional[tzinfo] = None,
    ) -> None:
        """`folder` is the data folder, `places` are the cameras'; times are shown in `zone`."""
        members = Members(database, clock)
        self._gateway = gateway
        self._post = Post(Pictures(folder), gateway.veil, gateway.doubt)
        self._recipients = Recipients(members)
        self._history = History(database)
        self._clock = clock
        self._limit_s = LONGEST_S + _REQUESTS * settings.timeout_s
        voice = Voice(
            post=self._post,
            told=Told(AlertMessages(database)),
            recipients=self._recipients,
            places=places,
            clock=clock,
            loud_from=Severity(settings.loud_from),
            album=settings.album,
            zone=zone,
        )
        self._teller = Teller(voice, members, telemetry)
        self._lonely = False

    def run(self, stop: threading.Event) -> None:
        """Hold the connection until `stop` is set."""
        self._gateway.run(stop)

    def ready(self) -> bool:
        """True while Telegram answers."""
        ready = self._gateway.ready()
        if not ready:
            self._post.line_is_new()
        return ready

    def deliver(self, delivery: Delivery) -> None:
        """Tell every chat; returns once each was told."""
        for error in self.deliver_all([delivery], threading.Event()):
            if error is not None:
                raise error

    def deliver_all(
        self, deliveries: Sequence[Delivery], stop: threading.Event
    ) -> Iterator[Optional[DeliveryError]]:
        """Tell all chats side by side, each of one thing after the other. Raises StoreError.

        A delivery that one chat did not get is tried again; the others are not told twice.
        """
        rounds = self._rounds(deliveries)
        flying = [(which, self._start(member, [news for _, news in which])) for member, which in rounds]
        self._wait([future for _, future in flying], stop)
        ends: Dict[int, _Outcomes] = {number: [] for number in range(len(deliveries))}
        for which, future in flying:
            for (number, _), end in zip(which, _ends(future, len(which))):
                ends[number].append(end)
        for number in range(len(deliveries)):
            yield _worst(ends[number])

    def _rounds(self, deliveries: Sequence[Delivery]) -> List[Tuple[Member, List[Tuple[int, News]]]]:
        """What each chat is to hear, with the number of its delivery."""
        rounds: Dict[int, Tuple[Member, List[Tuple[int, News]]]] = {}
        for number, delivery in enumerate(deliveries):
            past = self._history.get(delivery.change.incident.id)
            if past is None:
                continue
            members = self._recipients.of(past.incident)
            self._say_if_lonely(not members and not past.incident.drill)
            waited_s = (self._clock.now() - delivery.recorded_at).total_seconds()
            news = News(past, delivery.change.transition, waited_s > LATE_S)
            for member in members:
                rounds.setdefault(member.chat, (member, []))[1].append((number, news))
        return list(rounds.values())

    def _start(self, member: Member, news: List[News]) -> concurrent.futures.Future[_Outcomes]:
        try:
            return self._gateway.start(lambda bot: self._teller.tell(bot, member, news))
        except TransientDeliveryError as error:
            failed: concurrent.futures.Future[_Outcomes] = concurrent.futures.Future()
            failed.set_exception(error)
            return failed

    def _wait(self, futures: Sequence[concurrent.futures.Future[_Outcomes]], stop: threading.Event) -> None:
        deadline = self._clock.monotonic() + self._limit_s
        waiting = set(futures)
        while waiting:
            waiting = concurrent.futures.wait(waiting, _GLANCE_S).not_done
            now = self._clock.monotonic()
            if stop.is_set():
                deadline = min(deadline, now + _PATIENCE_AT_STOP_S)
            if now >= deadline:
                for future in waiting:
                    future.cancel()
                return

    def _say_if_lonely(self, lonely: bool) -> None:
        if lonely and not self._lonely:
            log.warning("nobody is told over Telegram yet: let somebody in with `beffroi bot pair`")
        self._lonely = lonely


def _ends(future: concurrent.futures.Future[_Outcomes], number: int) -> _Outcomes:
    try:
        return future.result(0)
    except (concurrent.futures.CancelledError, concurrent.futures.TimeoutError):
        return [TransientDeliveryError("Telegram did not take it in time")] * number
    except DeliveryError as error:
        return [error] * number
    except StoreError as error:
        return [TransientDeliveryError(str(error))] * number


def _worst(ends: Sequence[Optional[DeliveryError]]) -> Optional[DeliveryError]:
    """What can still be told comes before what cannot."""
    failed = [end for end in ends if end is not None]
    again = [end for end in failed if not isinstance(end, PermanentDeliveryError)]
    return next(iter(again + failed), None)
