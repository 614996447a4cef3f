"""What the settings are made of: the strict base, and types that say in words what they allow."""

# pydantic evaluates annotations: on Python 3.8 they must be typing's List and Optional.

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Optional

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError
from typing_extensions import Annotated

RULE = "beffroi_rule"
"""The type of pydantic errors whose text is ours and needs no translation."""

DAY_S = 86_400.0


class Section(BaseModel):
    """A part of the file: unknown keys are refused, nothing is coerced, values never change after loading."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, hide_input_in_errors=True
    )

    shorthand: ClassVar[Optional[str]] = None
    """In a list of these sections a bare text stands for this setting."""


@dataclass(frozen=True)
class Says:
    """What a setting allows, in words that follow "must be"."""

    words: str


def broken_rule(at: str, problem: str, remedy: str) -> PydanticCustomError:
    """An error about the setting `at` of the section that is being validated."""
    context: Any = {"at": at, "problem": problem, "remedy": remedy}
    return PydanticCustomError(RULE, "{problem}. {remedy}", context)


FilePath = Annotated[Path, Field(strict=False), Says("the path of a file")]
FolderPath = Annotated[Path, Field(strict=False), Says("the path of a folder")]
Slug = Annotated[
    str,
    Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$"),
    Says("1 to 63 small letters, digits, - or _, with a letter or digit first"),
]
TopicLevel = Annotated[
    str, Field(pattern=r"^[^/+#\s]{1,64}$"), Says("1 to 64 characters, none of them a space, /, + or #")
]
HostName = Annotated[str, Field(pattern=r"^[^\s/@]{1,253}$"), Says("a host name or an IP address")]
TimeOfDay = Annotated[
    str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$"), Says("a time of day from 00:00 to 23:59")
]
