"""Draws incidents per hour and camera: readable on a phone, and by those who do not see every colour."""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass
from typing import Dict, List, Mapping, Sequence

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.patches import Rectangle

_MOST_ROWS = 12
_LABEL = 16
_DPI = 120
_FONT = 15
_WIDTH_IN = 9.0
_ROW_IN = 0.55
_REST_IN = 1.6
_HOURS = 24
_ALARM = "#D55E00"  # vermilion: told apart from the blue scale by every kind of colour vision
# matplotlib's fonts are not made for several threads.
_drawing = threading.Lock()


@dataclass(frozen=True)
class Plot:
    """A row of 24 numbers per camera, the most important first; `alarms` are the hours that held fire."""

    title: str
    axis: str
    counts: Mapping[str, Sequence[int]]
    alarms: Mapping[str, Sequence[bool]]


def draw(plot: Plot) -> bytes:
    """The plot as a PNG: a cell per hour and camera with its number, framed where there was fire."""
    with _drawing:
        rows = _rows(plot.counts)
        height = _REST_IN + _ROW_IN * len(rows)
        figure = Figure(figsize=(_WIDTH_IN, height), dpi=_DPI, layout="constrained")
        axes = figure.add_subplot()
        values = np.array(list(rows.values()), dtype=float)
        most = max(3.0, float(values.max()))
        axes.imshow(
            np.where(values > 0, values, np.nan),
            cmap="Blues",
            vmin=0,
            vmax=most,
            aspect="auto",
        )
        for y, (name, numbers) in enumerate(rows.items()):
            alarms = plot.alarms.get(name, [False] * _HOURS)
            for x, number in enumerate(numbers):
                if number:
                    color = "white" if number > 0.6 * most else "black"
                    axes.text(x, y, str(number), ha="center", va="center", color=color, fontsize=_FONT)
                if alarms[x]:
                    axes.add_patch(
                        Rectangle((x - 0.46, y - 0.46), 0.92, 0.92, fill=False, edgecolor=_ALARM, linewidth=3)
                    )
        axes.set_xticks(range(0, _HOURS, 3), [f"{hour:02d}" for hour in range(0, _HOURS, 3)])
        axes.set_yticks(range(len(rows)), [_label(name) for name in rows])
        axes.set_xticks(np.arange(-0.5, _HOURS), minor=True)
        axes.set_yticks(np.arange(-0.5, len(rows)), minor=True)
        axes.grid(which="minor", color="#DDDDDD")
        axes.tick_params(which="minor", length=0)
        axes.tick_params(labelsize=_FONT)
        axes.set_xlabel(_shown(plot.axis), fontsize=_FONT)
        axes.set_title(_shown(plot.title), fontsize=_FONT)
        file = io.BytesIO()
        FigureCanvasAgg(figure)
        figure.savefig(file, format="png")
        return file.getvalue()


def _rows(counts: Mapping[str, Sequence[int]]) -> Dict[str, List[int]]:
    """As many rows as a phone shows; the last of them adds up those that are left."""
    names = list(counts)
    if len(names) <= _MOST_ROWS:
        return {name: list(counts[name]) for name in names}
    kept = {name: list(counts[name]) for name in names[: _MOST_ROWS - 1]}
    rest = [counts[name] for name in names[_MOST_ROWS - 1 :]]
    kept[f"+ {len(rest)}"] = [sum(hour) for hour in zip(*rest)]
    return kept


def _label(name: str) -> str:
    return _shown(name if len(name) <= _LABEL else name[: _LABEL - 1] + "…")


def _shown(text: str) -> str:
    """The text as the font has it, with the signs that would begin a formula taken for themselves."""
    font = get_font(findfont(FontProperties()))
    known = "".join(sign if font.get_char_index(ord(sign)) else "□" for sign in text)
    return known.replace("\\", "\\\\").replace("$", r"\$")
