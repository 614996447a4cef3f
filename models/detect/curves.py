"""The learning curves of a detector's run."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Mapping, Sequence


def draw(path: Path, history: Sequence[Mapping[str, Any]], labels: Sequence[str]) -> None:
    """Losses, and average precision of `labels` at an IoU of 0.5 on validation, by epoch, as a PNG file."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 2, figsize=(9, 3.5))
    epochs = [one["epoch"] for one in history]
    for name in history[0]["loss"]:
        axes[0].plot(epochs, [one["loss"][name] for one in history], label=name)
    axes[0].set(title="Training losses", xlabel="epoch", yscale="log")
    for label in labels:
        axes[1].plot(epochs, [one["ap50"].get(label) for one in history], marker=".", label=label)
    axes[1].set(title="Validation: AP50", xlabel="epoch", ylim=(0, 1))
    for axis in axes:
        axis.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
