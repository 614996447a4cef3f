"""The settings of one rule about things, and of when it holds."""

# pydantic evaluates annotations: on Python 3.8 they must be typing's List and Optional.

import re
from typing import Dict, FrozenSet, List, Literal, Optional, Set, Tuple

from pydantic import Field, model_validator
from pydantic.functional_validators import AfterValidator
from pydantic_core import PydanticCustomError
from typing_extensions import Annotated, Self

from agent.config.polygons import Line
from agent.config.section import DAY_S, RULE, Says, Section, Slug, TimeOfDay, broken_rule
from agent.config.time_zones import TimeZone
from agent.domain.policy.object_rules import THINGS

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_DAY = "|".join(DAYS)
_SPAN = f"(?:{_DAY})(?:-(?:{_DAY}))?"

Days = Annotated[
    str,
    Field(pattern=rf"^{_SPAN}(?:\s*,\s*{_SPAN})*$"),
    Says("days (mon, tue, wed, thu, fri, sat, sun) or spans of days, with commas between them"),
]


def days_of(text: str) -> Tuple[int, ...]:
    """The weekdays of `mon-fri, sun`, each from 0 (Monday) to 6, in order."""
    found: Set[int] = set()
    for span in re.split(r"\s*,\s*", text):
        first, _, last = span.partition("-")
        start, end = DAYS.index(first), DAYS.index(last or first)
        found.update((start + step) % 7 for step in range((end - start) % 7 + 1))
    return tuple(sorted(found))


def labels_of(text: str) -> FrozenSet[str]:
    """The labels of `person, car`."""
    return frozenset(part.strip() for part in text.split(","))


def _things(text: str) -> str:
    unknown = sorted(labels_of(text) - set(THINGS))
    if unknown:
        raise PydanticCustomError(
            RULE,
            "{problem}. {remedy}",
            {"problem": "names what no rule is about", "remedy": f"Possible are {', '.join(THINGS)}"},
        )
    return text


Things = Annotated[str, AfterValidator(_things), Says("names of things with commas between them")]


class RuleSchedule(Section):
    """On which days and at which hours a rule holds."""

    days: Days = Field("mon-sun", description="On which the hours begin.", examples=["mon-fri, sun"])
    start: TimeOfDay = Field("00:00", description="When they begin.", examples=["22:00"])
    end: TimeOfDay = Field(
        "00:00",
        description="When they end; on the next day where that is not after `start`.",
        examples=["06:00"],
    )
    time_zone: Optional[TimeZone] = Field(
        None,
        description="The clock they are read off; the machine's own if left out.",
        examples=["Europe/Brussels"],
    )


class ObjectRule(Section):
    """When something is told of things on a camera."""

    name: Slug = Field(
        description="Names the rule in events, and is the reason of its incidents.",
        examples=["yard-at-night"],
    )
    when: Literal["enter", "leave", "loiter", "count", "left-behind", "wrong-way", "line"] = Field(
        description=(
            "`enter`, `leave`: a thing comes into the zone, or goes. `loiter`: it stays for `seconds`. "
            "`count`: more than `above` are there for `seconds`. `left-behind`: a bag has nobody near it for "
            "`seconds`. `wrong-way`: it moves against `way` for `seconds`. `line`: it crosses the `line`."
        ),
        examples=["enter"],
    )
    zone: Optional[Slug] = Field(
        None,
        description="The include zone in which it holds; the whole picture if left out.",
        examples=["yard"],
    )
    line: Optional[Slug] = Field(None, description="The line, for `line`.", examples=["gate"])
    labels: Optional[Things] = Field(
        None,
        description=(
            "What it is about; if left out people for `count`, bags for `left-behind`, everything for "
            "the others."
        ),
        examples=["person, car"],
    )
    min_score: float = Field(
        0.4, ge=0, le=1, description="The detector was so sure of the thing at one look, at least."
    )
    min_size: float = Field(
        0.0, ge=0, le=1, description="The least area of the thing's box, as a share of the picture's."
    )
    max_size: float = Field(1.0, gt=0, le=1, description="The largest area of the thing's box, likewise.")
    seconds: Optional[float] = Field(
        None,
        gt=0,
        le=DAY_S,
        description=(
            "For how long; if left out 60 for `loiter` and `left-behind`, 5 for `count`, 1 for `wrong-way`."
        ),
        examples=[60],
    )
    above: Optional[int] = Field(
        None, ge=0, le=1000, description="The number that is still no crowd, for `count`.", examples=[10]
    )
    way: Optional[Line] = Field(
        None,
        description="The right way, from its first point to its second, for `wrong-way`.",
        examples=["0.5,0.9 0.5,0.2"],
    )
    schedule: Optional[RuleSchedule] = Field(
        None, description="When the rule holds; always if left out. At other times it sees nothing."
    )
    raises: Literal["event", "incident", "nothing"] = Field(
        "event",
        description=(
            "`event`: told once to those who subscribe. `incident`: a case that people are told of, and that "
            "goes on. `nothing`: a line that only counts."
        ),
    )
    severity: Literal["informational", "low", "medium", "high", "critical"] = Field(
        "medium", description="How bad its incidents are."
    )

    @property
    def needless(self) -> List[str]:
        """The names of settings that are written although they mean nothing for this kind of rule."""
        lasting = self.when in ("loiter", "count", "left-behind", "wrong-way")
        means = {
            "line": self.when == "line",
            "seconds": lasting,
            "above": self.when == "count",
            "way": self.when == "wrong-way",
            "severity": self.raises == "incident",
        }
        return [name for name, meant in means.items() if name in self.model_fields_set and not meant]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needs: Dict[str, Tuple[str, object, str]] = {
            "line": ("line", self.line, "Write the name of one of the camera's lines"),
            "count": ("above", self.above, "Write for example above: 10"),
            "wrong-way": ("way", self.way, "Write the right way: 0.5,0.9 0.5,0.2"),
        }
        name, value, remedy = needs.get(self.when, ("when", self.when, ""))
        if value is None:
            raise broken_rule(name, f"is needed for {self.when}", remedy)
        if self.raises == "nothing" and self.when != "line":
            raise broken_rule("raises", "cannot be nothing but for line", "Write event or incident")
        if self.min_size > self.max_size:
            raise broken_rule("min_size", "is above max_size", f"Write {self.max_size:g} or less")
        return self
