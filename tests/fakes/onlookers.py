"""Faces of tests.fakes.faces with detail in them, as a camera sees them: a look at one counts."""

from __future__ import annotations

import numpy as np

from agent.faces.gallery import Gallery
from agent.ports import Picture
from tests.fakes.faces import embedding, show


def onlooker(picture: Picture, person: int, left: int, top: int = 60, side: int = 60) -> Picture:
    """Put the face of a person (1..20) into the picture; returns it."""
    show(picture, person, left, top, side)
    place = picture[top : top + side, left : left + side, 2]
    place += np.where(np.indices((side, side)).sum(0) // 3 % 2, 20, 0).astype(np.uint8)
    return picture


def gallery_of(*people: int) -> Gallery:
    """Those are enrolled, with a picture each."""
    rows = np.array([embedding(person) for person in people], np.float32).reshape(-1, 128)
    return Gallery(np.array(people, np.int64), rows)
