"""Draws how far faces are from their originals, in the open and under the veil."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Sequence

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np


def plot(rows: Sequence[Any], match: float, path: Path) -> None:
    """Two histograms side by side (see benchmarks.privacy.Row): pasted faces, and those in clips."""
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.2), sharey=False, constrained_layout=True)
    bins = list(np.linspace(0, 1.2, 49))
    for axis, title in zip(axes, ("pasted, 20 to 200 px", "in clips")):
        shown = [row for row in rows if (row.where == "pasted") == (axis is axes[0])]
        for name, colour in (("open", "#2a6f97"), ("veiled", "#c1440e")):
            axis.hist([getattr(row, name).forced for row in shown], bins, color=colour, alpha=0.7, label=name)
        axis.axvline(
            match, color="black", linewidth=1, linestyle="--", label=f"one person: {match:g} at most"
        )
        axis.set_title(f"{title}: {len(shown)} faces", fontsize=10)
        axis.set_xlabel("distance from the original face, taken by force")
        axis.set_ylabel("faces")
    axes[0].legend(frameon=False, fontsize=9)
    figure.savefig(path, dpi=110)
    plt.close(figure)
