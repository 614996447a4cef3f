"""GStreamer for tests: the system's `gi`, lent to this interpreter where it fits, and a fake pipeline."""

from __future__ import annotations

import importlib.util
import sys
import warnings
from contextlib import contextmanager
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Iterator, List, Optional, Tuple

from agent.errors import SourceError
from agent.sources.gstreamer.faults import Fault
from agent.sources.gstreamer.player import Sample
from agent.sources.gstreamer.runtime import elements_of, gstreamer
from tests.fakes.clock import FakeClock

_SYSTEM = Path("/usr/lib/python3/dist-packages/gi")
_NEEDED = ("rtspsrc", "rtph264depay", "h264parse", "avdec_h264", "rtph265depay", "h265parse", "avdec_h265")


def missing_gstreamer() -> Optional[str]:
    """Why GStreamer cannot be used by this Python; None where it can, after this call."""
    if importlib.util.find_spec("gi") is None and not _lend_gi():
        return f"needs python3-gi for Python {sys.version_info[0]}.{sys.version_info[1]}"
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", "DynamicImporter", ImportWarning
        )  # gi 3.42 is older than Python 3.11
        try:
            has = elements_of(gstreamer("tests"))
        except SourceError as error:
            return f"needs GStreamer: {error}"
    lacking = [name for name in _NEEDED if not has(name)]
    return f"needs GStreamer's {', '.join(lacking)}" if lacking else None


def _lend_gi() -> bool:
    """Debian's gi and nothing else of Debian's, where it is built for an interpreter of this version."""
    if not any((_SYSTEM / f"_gi{suffix}").exists() for suffix in EXTENSION_SUFFIXES):
        return False
    spec = importlib.util.spec_from_file_location(
        "gi", _SYSTEM / "__init__.py", submodule_search_locations=[str(_SYSTEM)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["gi"] = module
    spec.loader.exec_module(module)
    return True


@contextmanager
def standing_in(**originals: str) -> Iterator[None]:
    """Elements of a Jetson, played by those of a PC: `nvvidconv="videoconvert"`."""
    gst = gstreamer("tests")
    for name, original in originals.items():
        gst.Element.register(None, name, 0, gst.ElementFactory.find(original).get_element_type())
    try:
        yield
    finally:
        for name in originals:
            gst.Registry.get().remove_feature(gst.ElementFactory.find(name))


class FakePlayer:
    """Implements Player: gives its samples, then nothing; time passes while it is waited for."""

    def __init__(self, clock: FakeClock, samples: Tuple[Sample, ...] = ()) -> None:
        self.clock = clock
        self.samples = list(samples)
        self.offers: List[Tuple[str, str]] = []
        self.codec: Optional[str] = None
        self.failed: Optional[Fault] = None
        self.closed = 0

    def pull(self, timeout_s: float) -> Optional[Sample]:
        if self.samples:
            return self.samples.pop(0)
        self.clock.advance(timeout_s)
        return None

    def fault(self) -> Optional[Fault]:
        return self.failed

    def close(self) -> None:
        self.closed += 1
