"""A rendered street at dusk in which a fire begins: the demo's camera and the self-test's.

Nothing here knows of a model: the scene is drawn to look like a street, smoke and fire to anyone who looks.
"""

from __future__ import annotations

from agent.sources.scene.options import SceneOptions, parse_scene_url
from agent.sources.scene.script import Blaze, Phase, SceneScript
from agent.sources.scene.source import SceneSource, SceneStream

__all__ = ["Blaze", "Phase", "SceneOptions", "SceneScript", "SceneSource", "SceneStream", "parse_scene_url"]
