"""A pretended TensorRT and PyCUDA on a pretended GPU, in the shape of any of four real versions.

`fake_tensorrt(version)` puts `tensorrt` and `pycuda.driver` into `sys.modules` for a while. They have exactly
the names, the enum members and the parameters of that version (`names/`, read off NVIDIA's wheels by
`read_names.py`): any other raises AttributeError, as there. What the real thing punishes with a crash, fails
the test here: memory and objects used after they were freed or from another thread, a result read before the
stream was waited for, a parser freed before the build. A plan runs its ONNX model by ONNX Runtime.
"""

from tests.fakes.tensorrt.install import VERSIONS, Fake, fake_tensorrt

__all__ = ["VERSIONS", "Fake", "fake_tensorrt"]
