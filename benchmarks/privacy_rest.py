"""The veil itself: what it misses, what another picture tells through it, what it hides needlessly, time."""

from __future__ import annotations

import importlib
import statistics
import time
from pathlib import Path
from typing import Any, Dict, List, Tuple

import numpy as np
from rich.console import Console

from agent.domain.box import Box
from agent.ports import Picture
from agent.vision.obscure import HEAD_CELLS
from agent.vision.preprocess import resized
from benchmarks.privacy_attack import Attacker, as_rows, first_guess_right
from benchmarks.privacy_faces import EVERY, SEED, veils
from benchmarks.privacy_scenes import Portrait, fires, frames, people, read

_FIRES = 600
_console = Console(stderr=True)


def hog(folder: Path) -> Dict[str, int]:
    """Faces that another detector finds, and how many of them the veil covers."""
    dlib: Any = importlib.import_module("dlib")
    detector = dlib.get_frontal_face_detector()
    veil, _ = veils()
    found = covered = left = 0
    for clip in sorted(folder.glob("*.mp4")):
        for picture in frames(clip, EVERY):
            veiled = veil.over(picture)
            boxes = [
                Box(one.left(), one.top(), one.right(), one.bottom())
                for one in detector(np.ascontiguousarray(picture[..., ::-1]), 1)
            ]
            found += len(boxes)
            covered += sum(any(_holds(face, box) for face in veiled.faces) for box in boxes)
            if boxes:
                left += len(detector(np.ascontiguousarray(veiled.picture[..., ::-1]), 1))
    _console.print("hog done")
    return {"found": found, "covered": covered, "found_under_the_veil": left}


def _holds(outer: Box, inner: Box) -> bool:
    x, y = (inner.left + inner.right) / 2, (inner.top + inner.bottom) / 2
    return outer.left <= x <= outer.right and outer.top <= y <= outer.bottom


def others(folder: Path, attacker: Attacker) -> Dict[str, Any]:
    """Whether another picture of a person, veiled in the same way, tells who they are."""
    shots: List[Tuple[Portrait, Portrait]] = []
    for _, files in sorted(people(folder).items()):
        pair = [(read(folder / files[index])) for index in (0, -1)]
        faces = [attacker.portrait(picture) for picture in pair]
        if faces[0] is not None and faces[1] is not None:
            shots.append((Portrait(pair[0], faces[0]), Portrait(pair[1], faces[1])))
    veil, _ = veils()
    guesses: Dict[str, Any] = {"people": len(shots), "by_chance": 1 / len(shots)}
    for name in ("open", "veiled"):
        embedded, pixels = [], []
        for which in (0, 1):
            shown = [
                one[which].picture if name == "open" else veil.over(one[which].picture).picture
                for one in shots
            ]
            boxes = [one[which].face.box for one in shots]
            embedded.append(np.array([attacker.embedding(*both) for both in zip(shown, boxes)], np.float32))
            pixels.append(as_rows([_small(picture, box) for picture, box in zip(shown, boxes)]))
        guesses[name] = {
            "by_embedding": first_guess_right(embedded[1], embedded[0]),
            "by_pixels": first_guess_right(pixels[1], pixels[0]),
        }
    _console.print("other pictures done")
    return guesses


def _small(picture: Picture, box: Box) -> Picture:
    """The head at the size in which nothing of what the veil leaves is lost."""
    height, width = picture.shape[:2]
    left, right = max(0, int(box.left - 0.25 * box.width)), min(width, int(box.right + 0.25 * box.width))
    top, bottom = max(0, int(box.top - 0.45 * box.height)), min(height, int(box.bottom + 0.2 * box.height))
    return resized(picture[top:bottom, left:right], 4 * HEAD_CELLS, 4 * HEAD_CELLS)


def needless(folder: Path) -> Dict[str, Any]:
    """How many pictures of fires have a veil in them, and what part of the fire it covers."""
    veil, _ = veils()
    chosen = fires(folder)
    draw = np.random.default_rng(SEED).permutation(len(chosen))[:_FIRES]
    touched, hidden = 0, []
    for index in draw:
        path, boxes = chosen[int(index)]
        picture = read(path)
        changed = (veil.over(picture).picture != picture).any(axis=2)
        touched += bool(changed.any())
        burns = np.zeros_like(changed)
        height, width = changed.shape
        for x, y, w, h in boxes * (width, height, width, height):
            burns[
                max(0, int(y - h / 2)) : int(y + h / 2) + 1, max(0, int(x - w / 2)) : int(x + w / 2) + 1
            ] = True
        hidden.append(float(changed[burns].mean()) if burns.any() else 0.0)
    _console.print("fires done")
    return {
        "pictures": len(hidden),
        "with_a_veil": touched,
        "fire_touched": sum(share > 0 for share in hidden),
        "fire_half_hidden": sum(share > 0.5 for share in hidden),
        "mean_share_hidden": float(np.mean(hidden)),
    }


def times(folder: Path) -> Dict[str, float]:
    """Milliseconds of a veil, the median of 15, at usual sizes; on as many threads as the agent uses."""
    (picture,) = list(frames(folder / "nofire_crowd_faces.mp4", 10_000))
    veil, _ = veils()
    found = {}
    for width, height in ((640, 360), (1280, 720), (1920, 1080), (3840, 2160)):
        shown = resized(picture, width, height)
        taken = []
        for _ in range(15):
            began = time.perf_counter()
            veil.over(shown)
            taken.append((time.perf_counter() - began) * 1000)
        found[f"{width} x {height}"] = round(statistics.median(taken), 1)
    return found
