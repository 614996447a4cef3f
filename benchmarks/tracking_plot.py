"""Draw the annotated stretches of docs/tracking.md: where everything stood, as lines on white.

    python -m benchmarks.tracking_plot FOLDER

writes FOLDER/tracking-<film>.png: each identity in a colour of its own from a ring, where it was first, to a
disc, with the lines that were counted at. No pixel of a film is in it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Dict, List

import matplotlib

from agent.domain.geometry import Point
from agent.domain.policy.object_things import foot
from benchmarks.tracking_truth import CLIPS, Clip, boxes_by_hand, counts

WIDTH_INCHES = 7.0


def main(folder: Path) -> None:
    """One picture for each film."""
    matplotlib.use("Agg")
    for clip in CLIPS:
        _draw(clip, folder / f"tracking-{clip.name.split('_')[1]}.png")


def _draw(clip: Clip, path: Path) -> None:
    from matplotlib import pyplot

    ways: Dict[int, List[Point]] = {}
    for _, things in sorted(boxes_by_hand(clip).items()):
        for one in things:
            ways.setdefault(one.identity, []).append(foot(one.box))
    figure, axes = pyplot.subplots(figsize=(WIDTH_INCHES, WIDTH_INCHES / clip.aspect))
    for number, (identity, way) in enumerate(sorted(ways.items())):
        colour = f"C{number}"
        axes.plot(*zip(*way), color=colour, linewidth=1.4)
        axes.plot(*way[0], "o", color=colour, fillstyle="none")
        axes.plot(*way[-1], "o", color=colour)
        axes.annotate(str(identity), way[-1], xytext=(5, 5), textcoords="offset points", color=colour)
    for place, points in {one.place: one.points for one in counts(clip) if one.kind == "line"}.items():
        axes.plot(*zip(*points), color="0.35", linestyle="--", linewidth=1)
        axes.annotate(place, points[1], xytext=(3, -10), textcoords="offset points", color="0.35", fontsize=8)
    axes.set(xlim=(0, 1), ylim=(1, 0), xlabel="share of the width", ylabel="share of the height")
    figure.tight_layout()
    figure.savefig(path, dpi=100)
    pyplot.close(figure)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
