"""The gallery of `explain`: one HTML file with its pictures inside, which asks for nothing else."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Dict, List, Sequence

import cv2
import numpy as np

from agent.ports import Picture
from models.explain_maps import Map
from models.explain_plots import overlay
from models.train import LABELS

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1100px; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; } td, th { padding: .2rem .8rem .2rem 0; text-align: left; }
figure { margin: 1rem 0; display: inline-block; vertical-align: top; width: 100%; }
figcaption { overflow-wrap: anywhere; } .looks { display: flex; flex-wrap: wrap; gap: .5rem; }
.looks div { text-align: center; font-size: 13px; } img { max-width: 100%; }
.warning { border-left: 4px solid #b3261e; padding-left: .8rem; } .judged { font-weight: bold; }
"""
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


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
    rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(fact)}</td></tr>" for name, fact in facts.items())
    parts = [f"<h1>{escape(title)}</h1><table>{rows}</table>", *map(_figure, figures)]
    for label in LABELS:
        for right in (True, False):
            some = [case for case in cases if case.label == label and (case.judged == label) == right]
            parts.append(f"<h2>{label}, judged {'right' if right else 'wrong'}: {len(some)} shown</h2>")
            parts += map(_case, some)
    head = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style><body>'
    )
    path.write_text(head + "\n".join(parts) + "</body></html>\n", encoding="utf-8")


def _figure(figure: Figure) -> str:
    warnings = "".join(f'<p class="warning">{escape(text)}</p>' for text in figure.warnings)
    plot = _image(figure.plot.read_bytes(), "png", figure.title)
    return f"<h2>{escape(figure.title)}</h2><p>{escape(figure.text)}</p>{warnings}{plot}"


def _case(case: Case) -> str:
    looks = [("as the network sees it", case.picture)]
    looks += [(method, overlay(case.picture, values)) for method, values in case.maps.items()]
    pictures = "".join(
        f"<div>{_image(_jpeg(look), 'jpeg', name)}<br>{escape(name)}</div>" for name, look in looks
    )
    said = ", ".join(
        f'<span class="{"judged" if label == case.judged else "other"}">{label} {probability:.3f}</span>'
        for label, probability in zip(LABELS, case.probabilities)
    )
    caption = f"{escape(case.file)}<br>is {case.label}; judged {said}"
    return f'<figure><div class="looks">{pictures}</div><figcaption>{caption}</figcaption></figure>'


def _jpeg(picture: Picture) -> bytes:
    return bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 88])[1])


def _image(data: bytes, kind: str, text: str) -> str:
    return f'<img alt="{escape(text)}" src="data:image/{kind};base64,{base64.b64encode(data).decode()}">'
