"""Cameras through GStreamer: the Jetson's own decoder, its CSI connector, and the same on a PC.

The pipelines (`pipelines.py`), the choice of a decoder (`decoders.py`) and what an error means (`faults.py`)
are pure; only `runtime.py` and `player.py` touch GStreamer, which need not be installed to import this.
"""

from agent.sources.gstreamer.source import GStreamerSource

__all__ = ["GStreamerSource"]
