from __future__ import annotations

import sys

import pytest

from agent.engines.key import Machine
from agent.engines.machine import NoToolkitError, find_toolkit
from agent.errors import EngineError
from tests.fakes.tensorrt import Fake


def test_it_is_what_the_modules_say(fake: Fake) -> None:
    found = find_toolkit()
    assert found.machine == Machine(fake.names.version, "Xavier", "7.2")
    assert (found.modules.trt, found.modules.cuda) == (fake.trt, fake.cuda)
    fake.assert_clean()


def test_without_a_gpu_it_says_what_to_look_at(fake: Fake) -> None:
    fake.gpu.count = 0
    with pytest.raises(EngineError, match=r"no GPU answers.*group `video`") as caught:
        find_toolkit()
    assert not isinstance(caught.value, NoToolkitError)


@pytest.mark.parametrize("missing", ["tensorrt", "pycuda.driver"])
def test_without_the_modules_there_is_no_toolkit(fake: Fake, missing: str) -> None:
    # Undone before the fake puts the modules back that were there.
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, missing, None)
        with pytest.raises(NoToolkitError, match=rf"{missing} cannot be imported.*--system-site-packages"):
            find_toolkit()
