"""The figures of `explain`: maps over pictures, curves of faithfulness, and what randomised weights do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from agent.ports import Picture
from models.explain_faithfulness import GAMES, RANDOM, SHARES, Faithfulness
from models.explain_maps import Map
from models.explain_sanity import STAGES, Sanity
from models.report import pyplot

_STRONGEST = 0.65  # share of the colour where a map is highest


def overlay(picture: Picture, values: Map) -> Picture:
    """What speaks for the class, in warm colours over a grey BGR picture; each map in a scale of its own.

    Maps that are finer than a picture shows are smoothed for the eye.
    """
    width = picture.shape[1]
    smooth = cv2.GaussianBlur(np.maximum(values, 0), (0, 0), max(1.0, width / 64))
    top = float(np.percentile(smooth, 99.5))
    strength = np.clip(smooth / top, 0, 1) if top > 0 else np.zeros_like(smooth)
    heat = cv2.applyColorMap((strength * 255).astype(np.uint8), cv2.COLORMAP_INFERNO).astype(np.float32)
    grey = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR).astype(np.float32)
    share = (_STRONGEST * strength)[:, :, None]
    return np.asarray((grey * (1 - share) + heat * share).round(), np.uint8)


def draw_faithfulness(path: Path, found: Faithfulness) -> None:
    """Mean curves of deletion and insertion with the area under each, the control dashed, into a PNG file."""
    plt = pyplot()
    figure, axes = plt.subplots(1, 2, figsize=(10, 3.8), sharey=True)
    for axis, game in zip(axes, GAMES):
        for method, curves in found.curves[game].items():
            label = f"{method}: {found.area(game, method)}"
            axis.plot(SHARES, curves.mean(0), "--" if method == RANDOM else "-", label=label)
        changed = "greyed out" if game == "deletion" else "uncovered"
        axis.set(title=game.capitalize(), xlabel=f"share of the picture {changed}", ylim=(0, 1))
        axis.grid(alpha=0.3)
        axis.legend(title="area under the curve, 95 % interval", fontsize=8, title_fontsize=8)
    axes[0].set_ylabel("probability of the class judged")
    _save(plt, figure, path)


def draw_sanity(path: Path, found: Sanity) -> None:
    """Rank correlation with the trained network's maps by how much is random, into a PNG file."""
    plt = pyplot()
    figure, axes = plt.subplots(1, 2, figsize=(10, 3.8), sharey=True)
    for axis, which, title in zip(axes, range(2), ("Maps", "Absolute values of maps")):
        for method in found.signed:
            means = [found.at(method, stage)[which] for stage in range(len(STAGES))]
            ends = np.array([one.interval for one in means]).T
            axis.plot(STAGES, [one.value for one in means], marker="o", label=method)
            axis.fill_between(STAGES, *ends, alpha=0.2)
        axis.axhline(0, color="black", linewidth=0.8)
        axis.set(title=title, xlabel="random, from the top", ylim=(-1, 1))
        axis.grid(alpha=0.3)
        axis.legend()
    axes[0].set_ylabel("rank correlation with the trained")
    _save(plt, figure, path)


def _save(plt: Any, figure: Any, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)
