"""The gallery of `explain`: one HTML file with its pictures inside, which asks for nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Sequence

import cv2
import numpy as np

from agent.inference.manifest import FIRE_LABELS as LABELS
from agent.ports import Picture
from models import page
from models.explain_maps import Map
from models.explain_plots import overlay


@dataclass(frozen=True, eq=False)
class Case:
    """A judged picture (S x S x 3, BGR) under the name `file`, its probabilities in the order of LABELS, and
    what speaks for the label that it was judged to have, by method."""

    file: str
    label: str
    probabilities: Sequence[float]
    picture: Picture
    maps: Dict[str, Map]

    @property
    def judged(self) -> str:
        return LABELS[int(np.argmax(self.probabilities))]

    def as_dict(self) -> Dict[str, Any]:
        return {
            "file": self.file,
            "label": self.label,
            "judged": self.judged,
            "probabilities": {label: round(value, 4) for label, value in zip(LABELS, self.probabilities)},
        }


@dataclass(frozen=True)
class Figure:
    """A part of the page before the cases: what it says, what to beware of, and a PNG file."""

    title: str
    text: str
    warnings: Sequence[str]
    plot: Path


def write(
    path: Path, title: str, facts: Dict[str, str], figures: Sequence[Figure], cases: List[Case]
) -> None:
    """Write the page: `facts`, the figures, then right and wrong cases of each label. All text is escaped."""
    sections: List[page.Section] = [(figure.title, _figure(figure)) for figure in figures]
    for label in LABELS:
        for right in (True, False):
            some = [case for case in cases if case.label == label and (case.judged == label) == right]
            name = f"{label}, judged {'right' if right else 'wrong'}: {len(some)} shown"
            sections.append((name, [*map(_case, some)]))
    path.write_text(page.document(title, [page.facts(facts.items())], sections), encoding="utf-8")


def _figure(figure: Figure) -> List[page.Markup]:
    plot = page.wide(figure.title, page.picture(figure.plot.read_bytes(), f"{figure.title}, as curves"))
    warnings = [page.paragraph(text, "warning") for text in figure.warnings]
    return [*warnings, page.figure(plot, figure.text)]


def _case(case: Case) -> page.Markup:
    looks = {"as the network sees it": case.picture}
    looks.update({method: overlay(case.picture, values) for method, values in case.maps.items()})
    pictures = [
        page.figure(page.picture(_jpeg(look), f"{case.file}, {name}"), name) for name, look in looks.items()
    ]
    said = ", ".join(f"{label} {probability:.3f}" for label, probability in zip(LABELS, case.probabilities))
    caption = f"{case.file}\nis {case.label}, judged {case.judged}: {said}"
    return page.figure(page.gallery(pictures, small=True), caption)


def _jpeg(picture: Picture) -> bytes:
    return bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 88])[1])
