"""What rules about things cost on a camera: where a look serves fire and rules, and where each looks itself.

    python -m benchmarks.shared_look FILM [--seconds 10] [--rounds 3] [--json]

Runs the whole agent in this process on FILM, over and over, by turns without rules, with rules that share the
looks for fire, and with rules that look themselves (they ask for a thousandth of a look a second more). Every
picture is looked at (`gate: off`). Given is the processor time of all threads by that of the agent without
rules: the median over rounds, the least and the most.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Dict, List

import typer

from agent import logs
from agent.clock import SystemClock
from agent.config.settings import Settings
from agent.service import Agent

LOOKS = 5.0
WAYS = {"no rules": None, "shared": LOOKS, "looks of their own": LOOKS + 0.001}
_WARM_UP_S = 3.0


def main(
    film: Path = typer.Argument(..., exists=True, dir_okay=False),
    seconds: float = typer.Option(10.0, "--seconds", min=1, help="Length of each measurement."),
    rounds: int = typer.Option(3, "--rounds", min=1, help="How often each is repeated."),
    as_json: bool = typer.Option(False, "--json"),
) -> None:
    """Print a Markdown table, or JSON."""
    logs.configure("error")
    spent: Dict[str, List[float]] = {way: [] for way in WAYS}
    for _ in range(rounds):
        for way, looks in WAYS.items():
            spent[way].append(_share(_settings(film, looks), seconds))
    bare = spent["no rules"]
    ratios = {way: sorted(one / base for one, base in zip(some, bare)) for way, some in spent.items()}
    found = {
        way: {
            "processors": round(statistics.median(spent[way]), 3),
            "by_that_without_rules": round(statistics.median(some), 3),
            "least_and_most": [round(some[0], 3), round(some[-1], 3)],
        }
        for way, some in ratios.items()
    }
    sys.stdout.write(json.dumps(found, indent=2) + "\n" if as_json else _markdown(found))


def _settings(film: Path, looks: Any) -> Dict[str, Any]:
    camera: Dict[str, Any] = {"id": "street", "url": str(film), "looks_per_second": LOOKS}
    if looks is not None:
        camera["objects"] = {
            "looks_per_second": looks,
            "gate": "off",
            "rules": [{"name": "crowd", "when": "count", "above": 50, "seconds": 1}],
        }
    return {"cameras": [camera], "fire": {"threads": 1}, "faces": {"blur": False}}


def _share(document: Dict[str, Any], seconds: float) -> float:
    """Processor seconds a second of the agent at work."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.model_validate({**document, "store": {"folder": folder, "disk_share": 0.999}})
        agent = Agent(settings, SystemClock())
        agent.start()
        try:
            time.sleep(_WARM_UP_S)
            begun, used = time.monotonic(), time.process_time()
            time.sleep(seconds)
            return (time.process_time() - used) / (time.monotonic() - begun)
        finally:
            agent.stop()


def _markdown(found: Dict[str, Dict[str, Any]]) -> str:
    lines = ["| rules | processors | by that without rules |", "|---|---|---|"]
    for way, one in found.items():
        low, high = one["least_and_most"]
        lines.append(f"| {way} | {one['processors']} | {one['by_that_without_rules']} ({low} to {high}) |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    typer.run(main)
