"""Reads every public name off a real `tensorrt` wheel, for the fake to have exactly those.

    pip download --no-deps --python-version 3.8 --only-binary=:all: tensorrt==8.5.2.2
    pip download --no-deps --python-version 3.11 --only-binary=:all: tensorrt-cu12-bindings==10.3.*
    python -m tests.fakes.tensorrt.read_names WHEEL PYTHON tests/fakes/tensorrt/names/10.3.json

PYTHON is an interpreter of the version that the wheel is for. The bindings are imported for real, but neither
TensorRT nor a driver is needed: what they link to is replaced by empty libraries made with the C compiler,
since importing declares the names and calls nothing.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

_FOREIGN = re.compile(r"(Layer|V2DynamicExt)$|Plugin|^(Uff|Caffe)|FieldMap|FieldCollection")
"""Layers and plug-ins are for who builds a network by hand."""

_SYMBOLS = (
    "createInferBuilder_INTERNAL",
    "createInferRefitter_INTERNAL",
    "createInferRuntime_INTERNAL",
    "createNvOnnxParserRefitter_INTERNAL",
    "createNvOnnxParser_INTERNAL",
    "getBuilderPluginRegistry",
    "getNvOnnxParserVersion",
    "getPluginRegistry",
    "initLibNvInferPlugins",
    "_ZN11nvuffparser15createUffParserEv",
    "_ZN11nvuffparser8FieldMapC1EPKcPKvNS_9FieldTypeEi",
    "_ZN14nvcaffeparser117createCaffeParserEv",
    "_ZN14nvcaffeparser123shutdownProtobufLibraryEv",
)

# Runs in the wheel's own interpreter, which may be any from 3.8 on.
_DUMP = r"""
import importlib, inspect, json, re, sys

trt = importlib.import_module(sys.argv[1])

def parameters(text):
    depth, name, names = 0, "", []
    for sign in text + ",":
        depth += (sign in "[(<") - (sign in "])>")
        if sign == "," and depth == 0:
            name = re.split("[:=]", name)[0].strip()
            if name not in ("", "self", "*"):
                names.append(name)
            name = ""
        else:
            name += sign
    return names

def overloads(name, doc):
    lines = [re.sub(r"^\d+\. ", "", line) for line in (doc or "").splitlines()]
    found = [re.match(re.escape(name) + r"\((.*)\)(?: ->.*)?$", line) for line in lines]
    return [parameters(one.group(1)) for one in found if one and one.group(1) != "*args, **kwargs"]

def member(owner, name):
    value = inspect.getattr_static(owner, name)
    if isinstance(value, property):
        return None
    return overloads(name, getattr(owner, name).__doc__) if callable(getattr(owner, name)) else None

names = [name for name in dir(trt) if not name.startswith("_")]
things = {name: getattr(trt, name) for name in names if isinstance(getattr(trt, name), type)}
def nested(thing):
    for name in dir(thing):
        value = getattr(thing, name)
        if isinstance(value, type) and not name.startswith("_"):
            yield name, value
enums, classes = {}, {}
def sort(path, thing):
    if hasattr(thing, "__members__"):
        enums[path] = {name: int(value) for name, value in thing.__members__.items()}
    else:
        classes[path] = {name: member(thing, name) for name in dir(thing) if not name.startswith("_")}
        constructor = overloads("__init__", thing.__init__.__doc__)
        if constructor:
            classes[path]["__init__"] = constructor
        for name, value in nested(thing):
            sort(path + "." + name, value)
for name, thing in things.items():
    sort(name, thing)
functions = {name: overloads(name, getattr(trt, name).__doc__) for name in names
             if inspect.isroutine(getattr(trt, name))}
json.dump({"version": trt.__version__, "module": names, "functions": functions, "classes": classes,
           "enums": enums}, sys.stdout)
"""


def main(wheel: Path, python: Path, out: Path) -> None:
    """Write the names of `wheel`, read by the interpreter `python`, to `out`."""
    with tempfile.TemporaryDirectory() as scratch:
        package = _unpack(wheel, Path(scratch))
        libraries = _pretend(package / "tensorrt.so", Path(scratch) / "libraries")
        dumped = subprocess.run(
            [python, "-c", _DUMP, package.name],
            env={**os.environ, "LD_LIBRARY_PATH": str(libraries), "PYTHONPATH": scratch},
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
    names = json.loads(dumped)
    for kind in ("classes", "enums"):
        names[kind] = {name: found for name, found in names[kind].items() if not _FOREIGN.search(name)}
    names["source"] = wheel.name
    out.write_text(_lines(names), encoding="utf-8")


def _unpack(wheel: Path, folder: Path) -> Path:
    """The bindings alone: TensorRT itself is most of an old wheel, and not needed."""
    with zipfile.ZipFile(wheel) as archive:
        (module,) = (name for name in archive.namelist() if name.endswith("/tensorrt.so"))
        parent = module.rsplit("/", 1)[0]
        for name in (module, f"{parent}/__init__.py"):
            archive.extract(name, folder)
    return folder / parent


def _pretend(module: Path, folder: Path) -> Path:
    """A folder of empty libraries in place of those of NVIDIA that `module` links to."""
    folder.mkdir()
    needed = subprocess.run(["readelf", "-d", module], stdout=subprocess.PIPE, check=True, text=True).stdout
    code = "\n".join(f"void *{symbol}(void) {{ return 0; }}" for symbol in _SYMBOLS)
    for library in re.findall(r"\[(libnv[^\]]*)\]", needed):
        subprocess.run(
            ["gcc", "-shared", "-fPIC", f"-Wl,-soname,{library}", "-o", folder / library, "-x", "c", "-"],
            input=code.encode(),
            check=True,
        )
    return folder


def _lines(names: dict[str, object]) -> str:
    """JSON with a line for each class, so that two versions can be compared."""
    parts = []
    for key in sorted(names):
        value = names[key]
        if isinstance(value, dict):
            rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(value[name])}" for name in sorted(value))
            parts.append(f" {json.dumps(key)}: {{\n{rows}\n }}")
        else:
            parts.append(f" {json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
