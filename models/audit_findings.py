"""What an audit says of a folder, as one JSON document."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, Dict, List, Mapping, Sequence, Set, Tuple

import numpy as np

from models.audit_survey import MEASURES, Facts, Survey
from models.data import Item
from models.near import NEAR

Pair = Tuple[int, int, int]
"""Two indices and the bits by which their hashes differ."""

_PERCENTILES = (5, 50, 95)


def document(
    root: Path,
    labels: Sequence[str],
    surveyed: Survey,
    pairs: Sequence[Pair],
    rows: Mapping[str, Mapping[str, str]],
    items: Sequence[Item],
) -> Dict[str, Any]:
    """The findings; `items` are those of `surveyed`, in their groups, `rows` the manifest by name."""
    facts = surveyed.facts
    return {
        "folder": str(root),
        "pictures": len(facts),
        "labels": {label: sum(one.item.label == label for one in facts) for label in labels},
        "sources": _sources(facts, labels),
        "unreadable": [{"file": name, "reason": reason} for name, reason in surveyed.unreadable],
        "manifest": _manifest(surveyed, rows),
        "copies": _copies(facts),
        "near": _near(facts, pairs),
        "groups": _groups(items),
        "statistics": _statistics(facts),
    }


def contradictions(found: Mapping[str, Any]) -> List[List[str]]:
    """Pairs of names of pictures that are alike and labelled otherwise, of what `document` found.

    Copies come first, then what differs least.
    """
    copies = [copy["files"] for copy in found["copies"] if copy["across"]]
    pairs = [[files[0], other] for files in copies for other in files[1:]]
    return pairs + [list(pair["files"]) for pair in found["near"]["pairs"] if pair["across"]]


def _sources(facts: Sequence[Facts], labels: Sequence[str]) -> List[Dict[str, Any]]:
    counts: Dict[Tuple[str, str], Counter[str]] = defaultdict(Counter)
    for one in facts:
        counts[one.item.source, one.item.licence][one.item.label] += 1
    return [
        {"source": source, "licence": licence, "labels": {label: count[label] for label in labels}}
        for (source, licence), count in sorted(counts.items())
    ]


def _manifest(surveyed: Survey, rows: Mapping[str, Mapping[str, str]]) -> Dict[str, Any]:
    """Where the manifest and the folder differ; empty lists where there is no manifest."""
    here = {one.name: one.sha256 for one in surveyed.facts}
    known = {*here, *(name for name, _ in surveyed.unreadable)}
    return {
        "rows": len(rows),
        "missing": sorted(set(rows) - known),
        "unlisted": sorted(known - set(rows)) if rows else [],
        "changed": sorted(
            name for name, sha256 in here.items() if rows.get(name, {}).get("sha256", sha256) != sha256
        ),
    }


def _copies(facts: Sequence[Facts]) -> List[Dict[str, Any]]:
    """Sets of files of one content."""
    same: Dict[str, List[Facts]] = defaultdict(list)
    for one in facts:
        same[one.sha256].append(one)
    return [
        {"files": [one.name for one in copies], "across": len({one.item.label for one in copies}) > 1}
        for copies in same.values()
        if len(copies) > 1
    ]


def _near(facts: Sequence[Facts], pairs: Sequence[Pair]) -> Dict[str, Any]:
    """Pairs that look alike and are no copies."""
    found = [
        {
            "files": [facts[i].name, facts[j].name],
            "bits": bits,
            "across": facts[i].item.label != facts[j].item.label,
            "sources": len({facts[i].item.source, facts[j].item.source}),
        }
        for i, j, bits in pairs
        if facts[i].sha256 != facts[j].sha256
    ]
    across = sum(bool(pair["across"]) for pair in found)
    return {"up_to_bits": NEAR, "within": len(found) - across, "across": across, "pairs": found}


def _groups(items: Sequence[Item]) -> Dict[str, Any]:
    sizes = Counter(item.group for item in items)
    mixed: Dict[str, Set[str]] = defaultdict(set)
    for item in items:
        mixed[item.group].add(item.label)
    return {
        "groups": len(sizes),
        "of_one": sum(size == 1 for size in sizes.values()),
        "largest": max(sizes.values()),
        "of_several_labels": sum(len(labels) > 1 for labels in mixed.values()),
    }


def _statistics(facts: Sequence[Facts]) -> List[Dict[str, Any]]:
    """By label and source, the 5th, 50th and 95th percentile of each measure."""
    cells: Dict[Tuple[str, str], List[Facts]] = defaultdict(list)
    for one in facts:
        cells[one.item.label, one.item.source].append(one)
    return [
        {
            "label": label,
            "source": source,
            "n": len(cell),
            **{
                measure: [
                    round(float(value), 3)
                    for value in np.percentile([one.measures[measure] for one in cell], _PERCENTILES)
                ]
                for measure in MEASURES
            },
        }
        for (label, source), cell in sorted(cells.items())
    ]
