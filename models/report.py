"""The run folder: what a run was asked, what it said, what came out, and plots of it."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Any, Dict, List, Mapping, Sequence, Tuple

CONFIG, CHECKPOINT, METRICS, LOG = "config.json", "checkpoint.pt", "metrics.json", "log.txt"


def begin(folder: Path, config: Mapping[str, Any]) -> None:
    """Make the run folder, write config.json, and log to log.txt and the terminal.

    What a run that has a checkpoint was asked stays: whoever asks for something else there is refused.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / CHECKPOINT).is_file():
        (folder / CONFIG).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(message)s",
        handlers=[logging.FileHandler(folder / LOG), logging.StreamHandler(sys.stderr)],
        force=True,
    )


def finish(folder: Path, history: Sequence[Mapping[str, Any]], metrics: Mapping[str, Any]) -> None:
    """Write metrics.json, and learning curves and confusion matrices as PNG."""
    content: Dict[str, Any] = {"history": list(history), **metrics}
    (folder / METRICS).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    _curves(folder / "learning-curves.png", history)
    for name, scores in metrics.items():
        _confusion(folder / f"confusion-{name}.png", scores["labels"], scores["confusion"])


def draw_rates(
    path: Path,
    curves: Mapping[str, Tuple[Sequence[float], Sequence[float]]],
    false: str = "false accept rate",
    true: str = "true accept rate",
) -> None:
    """Draw false and true rates by name into a PNG file, the false ones on a logarithmic axis."""
    plt = pyplot()
    figure, axis = plt.subplots(figsize=(5.5, 4))
    for name, (wrong, right) in curves.items():
        axis.step(wrong, right, where="post", label=name)
    seen = [rate for wrong, _ in curves.values() for rate in wrong if rate > 0]
    axis.set(xscale="log", xlim=(min(seen, default=0.1), 1), xlabel=false, ylabel=true)
    axis.grid(alpha=0.3)
    axis.legend(loc="lower right")
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def draw_confusion(axis: Any, labels: Sequence[str], confusion: Sequence[Sequence[int]]) -> None:
    """Draw how many pictures of each label (rows) were judged what, and their share of the label's."""
    shares = [[cell / max(1, sum(row)) for cell in row] for row in confusion]
    axis.imshow(shares, cmap="Oranges", vmin=0, vmax=1.4)
    for i, row in enumerate(confusion):
        for j, cell in enumerate(row):
            axis.text(j, i, f"{cell}\n{shares[i][j]:.0%}", ha="center", va="center")
    axis.set(xlabel="judged", ylabel="is", xticks=range(len(labels)), yticks=range(len(labels)))
    axis.set_xticklabels(labels)
    axis.set_yticklabels(labels)


def _curves(path: Path, history: Sequence[Mapping[str, Any]]) -> None:
    plt = pyplot()
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.5))
    epochs = [one["epoch"] for one in history]
    axes[0].plot(epochs, [one["loss"] for one in history], marker="o")
    axes[0].set(title="Training loss", xlabel="epoch")
    for key in ("accuracy", "macro_f1", "fire_or_not"):
        axes[1].plot(epochs, [one[key] for one in history], marker="o", label=key.replace("_", " "))
    axes[1].set(title="Validation", xlabel="epoch")
    axes[1].legend()
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _confusion(path: Path, labels: Sequence[str], confusion: List[List[int]]) -> None:
    plt = pyplot()
    figure, axis = plt.subplots(figsize=(4, 3.6))
    draw_confusion(axis, labels, confusion)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def pyplot() -> Any:
    """matplotlib.pyplot, which draws into files alone."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    return plt
