"""Time zones by their names in the IANA data base."""

from __future__ import annotations

import re
from datetime import tzinfo
from typing import Optional

from dateutil.tz import gettz  # type: ignore[import-untyped]  # Python 3.8 has no zoneinfo
from pydantic.functional_validators import AfterValidator
from pydantic_core import PydanticCustomError
from typing_extensions import Annotated

from agent.config.section import RULE, Says

_NAME = re.compile(r"[A-Za-z]\w*(?:[+-]\d+)?(?:/[A-Za-z][\w+-]*)*")


def zone_of(name: str) -> tzinfo:
    """The zone of that name. Raises ValueError where there is none."""
    zone: Optional[tzinfo] = gettz(name) if _NAME.fullmatch(name) else None
    if zone is None:
        raise ValueError(name)
    return zone


def _known(name: str) -> str:
    try:
        zone_of(name)
    except ValueError:
        raise PydanticCustomError(
            RULE,
            "{problem}. {remedy}",
            {"problem": "is no time zone", "remedy": "Write one by its IANA name: Europe/Brussels"},
        ) from None
    return name


TimeZone = Annotated[str, AfterValidator(_known), Says("the IANA name of a time zone")]
