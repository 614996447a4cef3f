"""TensorRT as a backend: an engine in a thread of its own, behind the inference port."""

from __future__ import annotations

import threading
from typing import List, Optional

from agent.inference.backend import Result
from agent.inference.bundle import Bundle
from agent.inference.engines import Engine
from agent.inference.tensorrt.modules import Modules
from agent.inference.tensorrt.owner import Owner
from agent.inference.tensorrt.runner import Runner
from agent.vision.preprocess import Batch

LIMIT_S = 30.0
"""A look takes milliseconds: what takes this long hangs."""

LOAD_LIMIT_S = 120.0
"""The first load after a boot reads the libraries, hundreds of megabytes, from slow storage."""


class TensorRtSession:
    """Implements agent.inference.backend.Session; may be used and closed by any thread.

    Raises InferenceError where the engine cannot be loaded, BundleError where it is not that of the bundle.
    """

    backend = "tensorrt"

    def __init__(
        self,
        modules: Modules,
        bundle: Bundle,
        engine: Engine,
        dla_core: Optional[int] = None,
        limit_s: float = LIMIT_S,
        load_limit_s: float = LOAD_LIMIT_S,
    ) -> None:
        self.precision = engine.precision
        self._closing = threading.Lock()
        self._closed = False
        self._runner = Runner(modules.trt, modules.cuda, bundle, dla_core)
        self._owner = Owner(f"tensorrt {bundle.manifest.name}", limit_s)
        try:
            self._owner.call("load the engine", lambda: self._runner.open(engine), load_limit_s)
        except BaseException:
            self.close()
            raise

    def infer(self, batch: Batch) -> Result:
        return self.infer_all(batch)[0]

    def infer_all(self, batch: Batch) -> List[Result]:
        results: List[Result] = self._owner.call(
            f"look at {len(batch)} pictures", lambda: self._runner.infer(batch)
        )
        return results

    def close(self) -> None:
        """Wait for a look that is under way, then free everything."""
        with self._closing:
            if not self._closed:
                self._closed = True
                self._owner.end(self._runner.close)
