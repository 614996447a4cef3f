"""Loads the settings from a YAML file, or says everything that is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, List, Mapping, Optional, Set, Tuple

from pydantic import ValidationError

from agent.config.messages import problem
from agent.config.nodes import compose
from agent.config.problems import START, InvalidConfigError, Loc, Problem
from agent.config.resolve import Resolver
from agent.config.settings import Settings, repeated_ids
from agent.config.source import read
from agent.config.wording import got
from agent.errors import ConfigError

VARIABLE = "BEFFROI_CONFIG"
PLACES = (Path("beffroi.yaml"), Path("/etc/beffroi/beffroi.yaml"))


def locate(given: Optional[Path], environ: Mapping[str, str], places: Tuple[Path, ...] = PLACES) -> Path:
    """The file to load: `given`, else what $BEFFROI_CONFIG names, else the first of `places` that is there.

    Raises ConfigError where there is none.
    """
    if given is not None:
        return given
    named = environ.get(VARIABLE)
    if named:
        return Path(named)
    for place in places:
        if place.is_file():
            return place
    tried = ", ".join(str(place) for place in places)
    raise ConfigError(
        f"no configuration found: tried ${VARIABLE}, {tried}. Give its path, or write one of them"
    )


def load(path: Path, environ: Mapping[str, str]) -> Settings:
    """The settings in the file at `path`; ${VARIABLE}s come from `environ`.

    Raises InvalidConfigError with all that is wrong; no secret is in it.
    """
    problems: List[Problem] = []
    root = compose(read(path), problems)
    if root is None:
        raise InvalidConfigError(path, problems or [Problem(START, (), _EMPTY)])
    source = Resolver(path.parent, environ, problems)
    data = source.section(root, Settings)
    settings = _validated(data, source, problems)
    if settings is None or problems:
        raise InvalidConfigError(path, problems, source.secrets)
    return settings


_EMPTY = "the file is empty. One camera is enough: write cameras: and below it a line with - rtsp://camera.example/1"


def _validated(data: Any, source: Resolver, problems: List[Problem]) -> Optional[Settings]:
    repeated = _repeated_ids(data, source)
    problems.extend(repeated)
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        found = error.errors(include_url=False)
    told: Set[Loc] = source.failed | ({()} if repeated else set())
    new = (one for one in found if tuple(one["loc"]) not in told)
    problems.extend(problem(one, Settings, source) for one in new)
    return None


def _repeated_ids(data: Any, source: Resolver) -> List[Problem]:
    """Looked for here, too: pydantic looks at the settings as a whole only when each part is right."""
    cameras = data.get("cameras") if isinstance(data, dict) else None
    if not isinstance(cameras, list):
        return []
    ids = [camera.get("id") if isinstance(camera, dict) else None for camera in cameras]
    names = [name if isinstance(name, str) else f"camera-{number}" for number, name in enumerate(ids, 1)]
    return [
        Problem(
            source.values.get(("cameras", position, "id")) or source.values["cameras", position],
            ("cameras", position, "id"),
            f"{got(names[position])} is the id of cameras[{first}] already. Give each camera its own",
        )
        for position, first in repeated_ids(names).items()
    ]
