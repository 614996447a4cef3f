"""TensorRT as a backend, on each version: what goes well, and who may do what when."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path
from typing import Any, List

import numpy as np
import pytest

from agent.errors import BundleError, InferenceError
from agent.inference.bundle import Bundle, load_bundle
from agent.inference.engines import Engine
from agent.inference.fire import FireClassifier
from agent.inference.onnxruntime import OnnxRuntimeSession
from agent.inference.tensorrt.modules import Modules, find_modules
from agent.inference.tensorrt.session import TensorRtSession
from tests.fakes.bundles import colour_bundle, heated_bundle
from tests.fakes.detector import GREEN, GREY, RED, picture
from tests.fakes.tensorrt import Fake
from tests.fakes.tensorrt.plans import plan_of
from tests.fakes.waiting import until
from tests.unit.inference.conftest import Open

FIRE = "fire-lite0"


def pictures(count: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).random((count, 3, 32, 32), np.float32)


def expected(bundle: Bundle, batch: Any) -> Any:
    with closing(OnnxRuntimeSession(bundle, 1)) as reference:
        return reference.infer(batch)


@pytest.mark.parametrize("count", [1, 3, 4, 5, 9])
def test_any_number_of_pictures_gives_what_onnx_runtime_gives(
    opened: Open, colours: Bundle, fake: Fake, count: int
) -> None:
    session = opened()
    before = fake.gate.calls.count("IExecutionContext.execute_async_v3")
    result = session.infer(pictures(count))
    assert result.dtype == np.float32
    assert np.allclose(result, expected(colours, pictures(count)), atol=1e-5)
    # What is more than the profile takes goes in pieces.
    assert fake.gate.calls.count("IExecutionContext.execute_async_v3") - before == -(-count // 4)


def test_no_pictures_are_no_results(opened: Open) -> None:
    assert opened().infer(pictures(0)).shape == (0, 3)


def test_a_result_stays_what_it_was_when_the_next_comes(opened: Open) -> None:
    session = opened()
    first = session.infer(pictures(2, seed=1))
    kept = first.copy()
    session.infer(pictures(2, seed=2))
    assert np.array_equal(first, kept)


def test_the_shipped_bundle_gives_what_onnx_runtime_gives(fake: Fake) -> None:
    bundle = load_bundle(FIRE)
    engine = Engine(plan_of(fake, bundle.model.read_bytes()), "fp32", FIRE)
    views = [picture(RED, (90, 160)), picture(GREY), picture(GREEN, (300, 200))] * 2
    session = TensorRtSession(find_modules(), bundle, engine)
    with closing(FireClassifier(bundle, session)) as ours, closing(
        FireClassifier(bundle, OnnxRuntimeSession(bundle))
    ) as reference:
        for one, other in zip(ours.look(views), reference.look(views)):
            assert one.fire == pytest.approx(other.fire, abs=1e-5)
            assert one.start_fire == pytest.approx(other.start_fire, abs=1e-5)
        assert ours.model.backend == "tensorrt"


def test_events_name_the_engines_precision(fake: Fake, colours: Bundle) -> None:
    plan = plan_of(fake, colours.model.read_bytes(), flags=["FP16"])
    session = TensorRtSession(Modules(fake.trt, fake.cuda), colours, Engine(plan, "fp16", "k"))
    with closing(FireClassifier(colours, session)) as detector:
        (scores,) = detector.look([picture(RED)])
        assert scores.fire > 0.99
        assert (detector.model.backend, detector.model.precision) == ("tensorrt", "fp16")


def test_half_precision_tensors_are_converted(opened: Open, colours: Bundle) -> None:
    result = opened(dtype="HALF").infer(pictures(3))
    assert result.dtype == np.float32
    assert np.allclose(result, expected(colours, pictures(3)), atol=0.05)


def test_values_that_are_no_numbers_are_refused(fake: Fake, colours: Bundle, opened: Open) -> None:
    session = opened()
    fake.compute = lambda plan, given: {"logits": np.full((len(given["pictures"]), 3), np.nan)}
    with pytest.raises(InferenceError, match="colours gave values that are not numbers"):
        FireClassifier(colours, session).look([picture(RED)])


@pytest.mark.parametrize("shape", [(1, 3, 8, 8), (1, 1, 32, 32), (3, 32, 32), (32,)])
def test_a_batch_of_another_shape_is_refused(opened: Open, shape: Any) -> None:
    session = opened()
    with pytest.raises(InferenceError, match=r"the engine takes \('N', 3, 32, 32\)"):
        session.infer(np.zeros(shape, np.float32))
    assert session.infer(pictures(1)).shape == (1, 3)


def test_everything_happens_in_one_thread_whoever_asks(opened: Open, colours: Bundle, fake: Fake) -> None:
    session = opened()
    threads: List[str] = []
    compute = fake.compute

    def watched(plan: Any, given: Any) -> Any:
        threads.append(threading.current_thread().name)
        return compute(plan, given)

    fake.compute = watched
    wrong: List[int] = []

    def ask(seed: int) -> None:
        for _ in range(5):
            batch = pictures(3, seed)
            if not np.allclose(session.infer(batch), answers[seed], atol=1e-5):
                wrong.append(seed)

    answers = [expected(colours, pictures(3, seed)) for seed in range(4)]
    asking = [threading.Thread(target=ask, args=(seed,)) for seed in range(4)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert not wrong
    assert set(threads) == {"tensorrt colours"}
    assert len(threads) == 20


def test_nothing_is_left_pushed_between_looks(opened: Open, fake: Fake) -> None:
    session = opened()
    session.infer(pictures(1))
    assert not any(fake.gpu.stacks.values())


def test_closing_frees_the_last_made_first(opened: Open, fake: Fake) -> None:
    session = opened()
    start = len(fake.gate.calls)
    session.close()
    buffer = ["DeviceAllocation.free", "PagelockedHostAllocation.free"]
    assert fake.gate.calls[start:] == [
        "Context.push",
        *buffer,
        *buffer,
        "~Stream",
        "~IExecutionContext",
        "~ICudaEngine",
        "~Runtime",
        "~ILogger",
        "Context.pop",
        "Context.detach",
    ]
    fake.assert_clean()


def test_closing_twice_and_from_another_thread_is_harmless(opened: Open, fake: Fake) -> None:
    session = opened()
    closers = [threading.Thread(target=session.close) for _ in range(3)]
    for closer in closers:
        closer.start()
    for closer in closers:
        closer.join()
    session.close()
    fake.assert_clean()
    with pytest.raises(InferenceError, match="the session is closed"):
        session.infer(pictures(1))


def test_closing_waits_for_the_look_that_is_under_way(opened: Open, fake: Fake) -> None:
    session = opened()
    hold = fake.gate.hold("Stream.synchronize")
    results: List[Any] = []
    looking = threading.Thread(target=lambda: results.append(session.infer(pictures(2))))
    looking.start()
    assert hold.entered.wait(20)
    closer = threading.Thread(target=session.close)
    closer.start()
    assert "Context.detach" not in fake.gate.calls
    hold.release.set()
    looking.join()
    closer.join()
    assert results[0].shape == (2, 3)
    fake.assert_clean()


def test_a_gpu_that_hangs_is_given_up_and_freed_should_it_come_back(opened: Open, fake: Fake) -> None:
    session = opened(limit_s=0.2)
    hold = fake.gate.hold("Stream.synchronize")
    with pytest.raises(InferenceError, match=r"did not look at 1 pictures within 0.2 s.*Restart the agent"):
        session.infer(pictures(1))
    with pytest.raises(InferenceError, match="the GPU or its driver hangs"):
        session.infer(pictures(1))
    session.close()
    assert fake.leaks
    hold.release.set()
    until(lambda: not fake.leaks, "everything is freed")


def test_a_load_that_hangs_is_given_up_and_freed_should_it_come_back(fake: Fake, colours: Bundle) -> None:
    engine = Engine(plan_of(fake, colours.model.read_bytes()), "fp32", "k")
    hold = fake.gate.hold("Runtime.deserialize_cuda_engine")
    with pytest.raises(InferenceError, match=r"did not load the engine within 0\.2 s"):
        TensorRtSession(Modules(fake.trt, fake.cuda), colours, engine, load_limit_s=0.2)
    assert fake.leaks
    hold.release.set()
    until(lambda: not fake.leaks, "everything is freed")


def test_who_waits_for_a_turn_does_not_wait_for_ever(opened: Open, fake: Fake) -> None:
    session = opened(limit_s=0.2)
    hold = fake.gate.hold("Stream.synchronize")
    refused: List[str] = []

    def ask() -> None:
        try:
            session.infer(pictures(1))
        except InferenceError as error:
            refused.append(str(error))

    asking = [threading.Thread(target=ask) for _ in range(5)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert len(refused) == 5
    hold.release.set()
    session.close()
    until(lambda: not fake.leaks, "everything is freed")


@pytest.mark.parametrize("core", [0, 1])
def test_a_plan_for_a_dla_runs_on_the_core_that_was_asked_for(fake: Fake, colours: Bundle, core: int) -> None:
    plan = plan_of(fake, colours.model.read_bytes(), dla_core=0)
    session = TensorRtSession(Modules(fake.trt, fake.cuda), colours, Engine(plan, "fp16", "k"), core)
    session.close()
    assert fake.ran_on_dla == [core]


def test_a_dla_core_that_is_not_there_is_refused(opened: Open, fake: Fake) -> None:
    fake.dla_cores = 0
    with pytest.raises(InferenceError, match=r"there is no DLA core 1, this device has 0: .*dla_core"):
        opened(dla_core=1)
    fake.assert_clean()


@pytest.mark.parametrize(
    ("plan", "complaint"),
    [
        ({"version": "8.4.1"}, "not compatible with this version of TensorRT, was 8.4.1"),
        ({"dtype": "INT8"}, "'pictures' is of type .*INT8.*, it must be one of FLOAT, HALF"),
        ({"batches": (2, 4, 4)}, "it takes batches of 2 to 4, single pictures must fit"),
    ],
)
def test_a_plan_that_cannot_be_used_says_how_to_get_another(
    opened: Open, fake: Fake, plan: Any, complaint: str
) -> None:
    with pytest.raises((InferenceError, BundleError), match=complaint) as refusal:
        opened(**plan)
    assert "beffroi engines build" in str(refusal.value)
    fake.assert_clean()


def test_a_plan_from_another_kind_of_gpu_is_refused(opened: Open, fake: Fake, colours: Bundle) -> None:
    plan = plan_of(fake, colours.model.read_bytes())
    fake.gpu.compute_capability = (8, 7)
    with pytest.raises(InferenceError, match=r"deserialize_cuda_engine failed: .*incompatible device"):
        TensorRtSession(Modules(fake.trt, fake.cuda), colours, Engine(plan, "fp16", "k"))


@pytest.mark.parametrize("damage", [b"", b"no plan at all"])
def test_what_is_no_plan_is_refused(fake: Fake, colours: Bundle, damage: bytes) -> None:
    with pytest.raises(InferenceError, match=r"deserialize_cuda_engine failed: .*magic tag"):
        TensorRtSession(Modules(fake.trt, fake.cuda), colours, Engine(damage, "fp16", "k"))


def test_a_damaged_plan_is_refused(fake: Fake, colours: Bundle) -> None:
    plan = plan_of(fake, colours.model.read_bytes())
    with pytest.raises(InferenceError, match="checksum mismatch"):
        TensorRtSession(Modules(fake.trt, fake.cuda), colours, Engine(plan[:-9], "fp16", "k"))


def test_the_engine_of_another_bundle_is_refused(fake: Fake, colours: Bundle, tmp_path: Path) -> None:
    other = load_bundle(str(colour_bundle(tmp_path / "other", 64)))
    plan = plan_of(fake, other.model.read_bytes())
    with pytest.raises(BundleError, match=r"'pictures' has shape \(-1, 3, 64, 64\), the manifest says"):
        TensorRtSession(Modules(fake.trt, fake.cuda), colours, Engine(plan, "fp16", "k"))
    other_names = colours.manifest.model_copy(
        update={"output": colours.manifest.output.model_copy(update={"name": "scores"})}
    )
    plan = plan_of(fake, colours.model.read_bytes())
    renamed = Bundle(colours.folder, other_names)
    with pytest.raises(BundleError, match=r"its tensors are .*'logits'.*the manifest says .*'scores'"):
        TensorRtSession(Modules(fake.trt, fake.cuda), renamed, Engine(plan, "fp16", "k"))


@pytest.fixture
def heated(tmp_path: Path) -> Bundle:
    return load_bundle(str(heated_bundle(tmp_path / "heated")))


@pytest.mark.parametrize("count", [1, 4, 9])
@pytest.mark.parametrize("dtype", ["FLOAT", "HALF"])
def test_all_outputs_are_what_onnx_runtime_gives(fake: Fake, heated: Bundle, count: int, dtype: str) -> None:
    plan = plan_of(fake, heated.model.read_bytes(), dtype=dtype)
    session = TensorRtSession(Modules(fake.trt, fake.cuda), heated, Engine(plan, "fp32", "k"))
    with closing(session), closing(OnnxRuntimeSession(heated, 1)) as reference:
        found, known = session.infer_all(pictures(count)), reference.infer_all(pictures(count))
        assert [one.shape for one in found] == [(count, 3), (count, 3, 32, 32)]
        for one, other in zip(found, known):
            assert one.dtype == np.float32
            assert np.allclose(one, other, atol=1e-5 if dtype == "FLOAT" else 0.05)
        assert np.array_equal(session.infer(pictures(count)), found[0])


def test_an_engine_without_the_heat_of_its_bundle_is_refused(
    fake: Fake, heated: Bundle, colours: Bundle
) -> None:
    plan = plan_of(fake, colours.model.read_bytes())
    with pytest.raises(BundleError, match=r"the manifest says .*'logits', 'heat'.*Build it again"):
        TensorRtSession(Modules(fake.trt, fake.cuda), heated, Engine(plan, "fp32", "k"))
