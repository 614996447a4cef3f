"""dlib's face network and predictor as a bundle, out of the installed package face-recognition-models."""

from __future__ import annotations

import importlib.util
import json
import os
from pathlib import Path
from typing import Any, Dict, Optional

import numpy as np
import onnx

from agent.errors import BundleError
from agent.faces.predictor import PREDICTOR
from agent.inference.bundle import MANIFEST, MODEL, sha256_of
from models.convert.dlib_graph import INPUT, OUTPUT, build_graph
from models.convert.dlib_net import SIDE, Input, read_network
from models.convert.dlib_shape import read_predictor

PACKAGE = "face_recognition_models"
NETWORK, POINTS = "dlib_face_recognition_resnet_model_v1.dat", "shape_predictor_5_face_landmarks.dat"

_PARENT = "dlib_face_recognition_resnet_model_v1 by Davis King (PyPI face-recognition-models 0.3.0, CC0-1.0)"
_LICENCE = """The network and the predictor of this bundle are works of Davis King, who placed them in the
public domain (CC0 1.0, https://creativecommons.org/publicdomain/zero/1.0/): see
https://github.com/davisking/dlib-models. They come from the package face-recognition-models 0.3.0; converting
them changed their form alone. They are distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF
ANY KIND, either express or implied.
"""

_CARD = """# dlib-face

Says whose face a chip shows (150 x 150 pixels, aligned): 128 numbers, near each other for one person. It is
the network that the Python package face_recognition uses, so embeddings made with that compare with these.

- **Licence**: CC0-1.0. **Parent**: {parent}; 29 convolutions, trained by its author from scratch on about 3
  million faces of 7,485 people.
- **Conversion**: affine layers are folded into the convolutions; weights are not changed otherwise. On the
  same chips the embeddings differ from dlib's by less than 1e-5 (tests/integration/test_dlib_parity.py).
- **Published accuracy**: 99.38 % on LFW (by its author). Figures of this product are in docs/faces.md.
- **predictor.npz**: dlib's five points of a face (outer and inner corners of the eyes, base of the nose),
  which chips are aligned by.

## Limits

- The people whom it learned from are not a sample of the world's: expect more errors for groups that are rare
  among them, children above all, and check on the people at hand.
- Faces from the side, covered, or of few pixels are told apart badly.
- It does not see whether a face is alive: a printed photograph has the embedding of the person.
"""


def convert_dlib_face(source: Optional[Path], folder: Path) -> None:
    """Write the bundle into `folder`; `source` is a folder with the two files instead of the package's.

    Raises BundleError: the package is not installed, or a file is damaged.
    """
    home = source or _package()
    layers = read_network(_read(home / NETWORK), NETWORK)
    first = layers[0]
    assert isinstance(first, Input), "dlib_net puts the input first"
    points = read_predictor(_read(home / POINTS), POINTS)
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(build_graph(layers), str(folder / MODEL))
    np.savez(folder / PREDICTOR, **points)  # type: ignore[arg-type]  # the stubs mistake names for flags
    (folder / "LICENSE").write_text(_LICENCE, encoding="utf-8")
    (folder / "MODEL_CARD.md").write_text(_CARD.format(parent=_PARENT), encoding="utf-8")
    manifest = _manifest(folder, home, first)
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def _package() -> Path:
    # Found without importing it: it needs pkg_resources, and is data alone.
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise BundleError(
            "the package face-recognition-models is not installed: pip install 'beffroi[faces]', "
            "or name a folder that holds its models"
        )
    return Path(next(iter(spec.submodule_search_locations))) / "models"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise BundleError(f"{path} cannot be read: {reason}. pip install 'beffroi[faces]'") from error


def _manifest(folder: Path, home: Path, first: Input) -> Dict[str, Any]:
    return {
        "schema_version": 1,
        "name": "dlib-face",
        "version": "1",
        "task": "face-embedding",
        "labels": [],
        "precision": "fp32",
        "input": {
            "name": INPUT,
            "width": SIDE,
            "height": SIDE,
            "colour": "RGB",
            "mean": [round(value, 6) for value in first.mean],
            "scale": [256.0] * 3,
            "resize": "squash",
        },
        "output": {"name": OUTPUT, "activation": "none", "temperature": 1.0},
        "thresholds": {},
        "licence": "CC0-1.0",
        "parent": _PARENT,
        "training": {
            "sources": {name: sha256_of(home / name) for name in (NETWORK, POINTS)},
            "files": {PREDICTOR: sha256_of(folder / PREDICTOR)},
        },
        "metrics": {},
        "sha256": sha256_of(folder / MODEL),
    }
