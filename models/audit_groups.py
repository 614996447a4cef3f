"""Which pictures must not straddle a split: copies, near-duplicates, frames of one video."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Dict, Iterable, List, Mapping, Optional, Pattern, Sequence, Tuple

from models.audit_survey import Facts
from models.data import DataError, Item

_EXPORTED = re.compile(r"_(?:png|jpe?g|bmp|webp)\.rf\.\w+$", re.IGNORECASE)
"""What Roboflow adds to a name."""

_FRAME = re.compile(
    r"^(?P<video>.+?[-_. ](?:mp4|avi|mov|mkv|webm|m4v))[-_. ]*\d+$|^(?P<clip>.*?)[-_. ]*frame[-_. ]*\d+$",
    re.IGNORECASE,
)


def pattern_of(frames: Optional[str]) -> Pattern[str]:
    """The pattern of the names of frames; without one, that of names such as clip_mp4-12 and clip_frame_0012.

    Raises DataError for what is no regular expression with a group.
    """
    if frames is None:
        return _FRAME
    try:
        pattern = re.compile(frames)
    except re.error as error:
        raise DataError(f"--frames {frames!r} is no regular expression: {error}") from error
    if not pattern.groups:
        raise DataError(f"--frames {frames!r} has no group (in brackets) that takes the video's name")
    return pattern


def video_of(name: str, pattern: Pattern[str] = _FRAME) -> Optional[str]:
    """Of which video a file, by its path with slashes, is a frame; None where its name does not tell.

    A number at the end says nothing, for collections are numbered, too. Where the name has nothing but the
    number, the folder is the video.
    """
    path = PurePosixPath(name)
    found = pattern.search(_EXPORTED.sub("", path.stem))
    if found is None:
        return None
    return next((part for part in found.groups() if part), path.parent.as_posix())


def grouped(
    facts: Sequence[Facts],
    pairs: Iterable[Tuple[int, int, int]],
    rows: Mapping[str, Mapping[str, str]],
    pattern: Pattern[str],
) -> List[Item]:
    """The items of `facts`, each in the group of all that it is tied to, directly or through others.

    They are tied by content, by one of `pairs` (of near-duplicates), by group, by video within a source.

    `rows` is the manifest by name; its column original_path, where there is one, tells the video.

    A group bears the least name of its members' groups of old; of a picture without one its path below
    `root`, so that a split does not depend on where the folder lies.
    """
    old = [one.name if one.item.group == str(one.item.path) else one.item.group for one in facts]
    tied: Dict[Tuple[str, ...], List[int]] = defaultdict(list)
    for index, one in enumerate(facts):
        tied["content", one.sha256].append(index)
        tied["group", old[index]].append(index)
        video = video_of(rows.get(one.name, {}).get("original_path") or one.name, pattern)
        if video is not None:
            tied["video", one.item.source, video].append(index)
    links = [(members[0], other) for members in tied.values() for other in members[1:]]
    heads = _joined(len(facts), [*links, *((i, j) for i, j, _ in pairs)])
    names: Dict[int, str] = {}
    for head, name in zip(heads, old):
        names[head] = min(name, names.get(head, name))
    return [replace(one.item, group=names[head]) for one, head in zip(facts, heads)]


def _joined(n: int, links: Iterable[Tuple[int, int]]) -> List[int]:
    """For each of n things, the one that stands for all that it is linked to."""
    heads = list(range(n))

    def head(i: int) -> int:
        while heads[i] != i:
            heads[i] = heads[heads[i]]
            i = heads[i]
        return i

    for i, j in links:
        heads[head(j)] = head(i)
    return [head(i) for i in range(n)]
