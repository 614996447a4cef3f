"""What `beffroi people` works with: the configuration, the people in its data folder, who asks."""

from __future__ import annotations

import getpass
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, Mapping, Optional

from agent.clock import SystemClock
from agent.config.loader import load, locate
from agent.config.settings import Settings
from agent.domain.policy.recognition import RecognitionSettings
from agent.enrolments import PeopleError, Refusal
from agent.faces.enrolment import EnrolmentService
from agent.faces.loading import photo_reader
from agent.store.database import open_beside
from agent.store.erasure import Erasure
from agent.store.faces import PeopleStore
from agent.store.vault import Vault, key_of


@dataclass(frozen=True, eq=False)
class People:
    """Open while the block lasts; `by` is who asks, for the audit."""

    settings: Settings
    store: PeopleStore
    service: EnrolmentService
    by: str


@contextmanager
def opened(config: Optional[Path], environ: Mapping[str, str]) -> Iterator[People]:
    """The people of the configuration's data folder, beside a running agent or without one.

    Raises ConfigError, StoreError, PeopleError (NO_KEY, BAD_KEY).
    """
    settings = load(locate(config, environ), environ)
    key = settings.faces.key
    if key is None:
        raise PeopleError(
            "there is no key, and without one nobody's face is kept: `beffroi people key --write FILE` makes "
            "one; name it in the configuration as faces: {key: file:FILE}",
            Refusal.NO_KEY.value,
        )
    vault = Vault(key_of(key.get_secret_value()))
    clock = SystemClock()
    with closing(open_beside(settings.store.folder / "beffroi.db", clock)) as database:
        store = PeopleStore(database, clock, vault)
        service = EnrolmentService(
            store,
            Erasure(database, clock),
            lambda: photo_reader(settings),
            RecognitionSettings(settings.faces.max_distance, settings.faces.margin),
            settings.faces.pictures,
            clock,
        )
        with closing(service):
            yield People(settings, store, service, f"shell:{getpass.getuser()}")
