"""One engine from order to shelf: built, held against ONNX Runtime, and only then put where it is used."""

from __future__ import annotations

from contextlib import ExitStack, closing, nullcontext
from dataclasses import dataclass
from typing import Any, Callable, ContextManager

from agent.engines import calibrate
from agent.engines.build import Plan, build_plan
from agent.engines.key import EngineKey
from agent.engines.lock import building
from agent.engines.machine import Toolkit
from agent.engines.order import Order, key_of
from agent.engines.precision import settle
from agent.engines.progress import Progress
from agent.engines.record import Parity, Record
from agent.engines.shelf import Shelf
from agent.engines.trials import TRIALS
from agent.inference.backend import Session
from agent.inference.bundle import Bundle, load_bundle
from agent.inference.engines import Engine
from agent.inference.onnxruntime import OnnxRuntimeSession
from agent.ports import Clock

OpenPlan = Callable[[Bundle, Engine], Session]
"""A session that runs an engine of the bundle. Raises InferenceError."""


def make(order: Order, toolkit: Toolkit, open_plan: OpenPlan, clock: Clock, progress: Progress) -> Record:
    """Whatever the order asks for, on the shelf; waits for another process that builds.

    Raises BundleError, EngineError, InferenceError, StoreError; what was on the shelf stays there then.
    """
    bundle = load_bundle(str(order.bundle))
    key = key_of(bundle, order.recipe, toolkit)
    job = _Job(order, toolkit, bundle, key, Shelf(order.data), progress)
    with building(job.shelf.folder, lambda: progress("waiting for another build", None)):
        there = None if order.anew else job.shelf.get(key)
        if there is not None:
            return there.record
        began = clock.monotonic()
        plan = job.build()
        found = job.prove(plan, open_plan)
        note = settle(toolkit.modules.trt, bundle.manifest, order.recipe).note
        notes = [note] if note else []
        kept = job.shelf.put(key, plan.data, found, clock.now(), clock.monotonic() - began, notes)
        job.shelf.prune([key])
        return kept


@dataclass(frozen=True)
class _Job:
    order: Order
    toolkit: Toolkit
    bundle: Bundle
    key: EngineKey
    shelf: Shelf
    progress: Progress

    def build(self) -> Plan:
        machine = self.toolkit.machine
        with self._calibrator() as calibrator:
            plan = build_plan(
                self.toolkit.modules.trt,
                self.bundle,
                self.order.recipe,
                timing_cache=self.shelf.timing_cache(machine),
                calibrator=calibrator,
                progress=self.progress,
            )
        if plan.timing_cache:
            self.shelf.keep_timing_cache(machine, plan.timing_cache)
        return plan

    def prove(self, plan: Plan, open_plan: OpenPlan) -> Parity:
        self.progress("comparing with ONNX Runtime", None)
        trial = TRIALS[self.bundle.manifest.task]
        pictures = trial.pictures(self.bundle, self.order.data)
        engine = Engine(plan.data, self.key.precision, self.key.name)
        with ExitStack() as opened:
            reference = opened.enter_context(closing(OnnxRuntimeSession(self.bundle)))
            candidate = opened.enter_context(closing(open_plan(self.bundle, engine)))
            found = trial.compare(self.bundle, candidate, reference, pictures, self.order.recipe.batches[2])
        trial.accept(found, self.key.precision)
        return found

    def _calibrator(self) -> ContextManager[Any]:
        """None where the bundle needs none."""
        recipe = self.order.recipe
        if not settle(self.toolkit.modules.trt, self.bundle.manifest, recipe).calibrate:
            return nullcontext()
        best = recipe.batches[1]
        pictures = calibrate.calibration_pictures(self.order.data)
        shown = calibrate.batches(self.bundle, pictures, best)
        cache = self.shelf.folder / "ranges" / f"{self.key.model_sha256[:16]}-{recipe.calibration}"
        return calibrate.calibrator(self.toolkit.modules.trt, self.toolkit.modules.cuda, shown, best, cache)
