"""One engine from order to shelf: built, held against ONNX Runtime, and only then put where it is used."""

from __future__ import annotations

from contextlib import ExitStack, closing
from typing import Any, Callable

from agent.engines import calibrate, parity
from agent.engines.build import build_plan
from agent.engines.key import EngineKey
from agent.engines.lock import building
from agent.engines.machine import Toolkit
from agent.engines.order import Order, key_of
from agent.engines.precision import settle
from agent.engines.progress import Progress
from agent.engines.record import Parity, Record
from agent.engines.shelf import Shelf
from agent.inference.backend import Session
from agent.inference.bundle import Bundle, load_bundle
from agent.inference.fire import FireClassifier
from agent.inference.onnxruntime import OnnxRuntimeSession
from agent.ports import Clock

OpenPlan = Callable[[Bundle, bytes, str], Session]
"""Makes a session of a bundle's plan, of the given precision. Raises InferenceError."""


def make(order: Order, toolkit: Toolkit, open_plan: OpenPlan, clock: Clock, progress: Progress) -> Record:
    """Whatever the order asks for, on the shelf; waits for another process that builds.

    Raises BundleError, EngineError, InferenceError, StoreError; what was on the shelf stays there then.
    """
    bundle = load_bundle(str(order.bundle))
    key = key_of(bundle, order.recipe, toolkit)
    precision = settle(toolkit.trt, bundle.manifest, order.recipe)
    shelf = Shelf(order.data)
    with building(shelf.folder, lambda: progress("waiting for another build", None)):
        there = None if order.anew else shelf.get(key)
        if there is not None:
            return there.record
        began = clock.monotonic()
        plan = build_plan(
            toolkit.trt,
            bundle,
            order.recipe,
            timing_cache=shelf.timing_cache(toolkit.machine),
            calibrator=_calibrator(order, bundle, key, toolkit, shelf) if precision.calibrate else None,
            progress=progress,
        )
        if plan.timing_cache:
            shelf.keep_timing_cache(toolkit.machine, plan.timing_cache)
        notes = [precision.note] if precision.note else []
        found = _proven(order, bundle, key, plan.data, open_plan, progress)
        kept = shelf.put(key, plan.data, found, clock.now(), clock.monotonic() - began, notes)
        shelf.prune([key])
        return kept


def _calibrator(order: Order, bundle: Bundle, key: EngineKey, toolkit: Toolkit, shelf: Shelf) -> Any:
    best = order.recipe.batches[1]
    shown = calibrate.batches(bundle, calibrate.calibration_pictures(order.data), best)
    cache = shelf.folder / "ranges" / f"{key.model_sha256[:16]}-{order.recipe.calibration}"
    return calibrate.make_calibrator(toolkit.trt, toolkit.cuda, shown, best, cache)


def _proven(
    order: Order, bundle: Bundle, key: EngineKey, plan: bytes, open_plan: OpenPlan, progress: Progress
) -> Parity:
    progress("comparing with ONNX Runtime", None)
    pictures = [*parity.rendered(), *parity.stored(order.data)]
    with ExitStack() as opened:
        reference = opened.enter_context(closing(FireClassifier(bundle, OnnxRuntimeSession(bundle))))
        session = open_plan(bundle, plan, key.precision)
        candidate = opened.enter_context(closing(FireClassifier(bundle, session)))
        found = parity.compare(candidate, reference, pictures, order.recipe.batches[2])
    parity.accept(found, key.precision)
    return found
