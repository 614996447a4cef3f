"""Fetch the wheels that a device needs: every requirement of ours on its Python and its processor.

pip can download for another machine, but decides what is needed by the markers of the machine it runs on. So
the requirements are followed here, and pip only fetches, each package as the constraints pin it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import zipfile
from email.parser import HeaderParser
from pathlib import Path
from typing import Dict, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

from agent.errors import BeffroiError

_OLDEST_GLIBC = 17
_GLIBC = {"3.8": 31, "3.9": 31, "3.10": 35, "3.11": 36}
_NEWEST_GLIBC = 39
"""The minor versions of glibc 2 that go with a Python: Ubuntu 20.04, 22.04, 24.04 and Debian 12."""

_Wanted = Tuple[str, str]
"""A package and one of its extras; the extra is empty for the package itself."""


class WheelsError(BeffroiError):
    """The wheels for a device cannot be put together."""


def platforms(python: str, arch: str) -> List[str]:
    """The tags of the wheels that such a device can load, the newest glibc first."""
    newest = _GLIBC.get(python, _NEWEST_GLIBC)
    tags = [f"manylinux_2_{minor}_{arch}" for minor in range(newest, _OLDEST_GLIBC - 1, -1)]
    return [*tags, f"manylinux2014_{arch}", f"linux_{arch}"]


def target(python: str, arch: str) -> Dict[str, str]:
    """What the markers of requirements are read against, as far as it may differ from here."""
    return {
        "python_version": python,
        "python_full_version": f"{python}.18",
        "platform_machine": arch,
        "sys_platform": "linux",
        "platform_system": "Linux",
        "os_name": "posix",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }


def pins(text: str) -> Dict[str, str]:
    """The version of each package in a constraints file."""
    pairs = (line.split("==") for line in text.splitlines() if "==" in line and not line.startswith("#"))
    return {canonicalize_name(name.strip()): version.strip() for name, version in pairs}


def needs(wheel: Path, extra: str, environment: Mapping[str, str]) -> Iterator[_Wanted]:
    """What a wheel requires on such a device, for itself or for one of its extras."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        headers = HeaderParser().parsestr(archive.read(name).decode("utf-8"))
    for text in headers.get_all("Requires-Dist") or []:
        requirement = Requirement(text)
        if requirement.marker is not None and not requirement.marker.evaluate(
            {**environment, "extra": extra}
        ):
            continue
        for wanted in ("", *requirement.extras):
            yield canonicalize_name(requirement.name), wanted


def fetch(folder: Path, python: str, arch: str, constraints: Path, also: Sequence[str] = ()) -> List[str]:
    """Complete `folder`: it holds our wheel, perhaps others, and then all that they require.

    `also` are packages to fetch besides. Returns the names of what was fetched. Raises WheelsError.
    """
    environment, pinned = target(python, arch), pins(constraints.read_text(encoding="utf-8"))
    there = wheels_in(folder)
    given = set(there)
    waiting: Set[_Wanted] = {(name, "") for name in [*there, *map(canonicalize_name, also)]}
    done: Set[_Wanted] = set()
    while waiting:
        missing = sorted({name for name, _ in waiting} - set(there))
        if missing:
            asked = [f"{name}=={pinned[name]}" if name in pinned else name for name in missing]
            _download(asked, folder, python, arch)
            there = wheels_in(folder)
        done |= waiting
        waiting = {need for name, extra in waiting for need in needs(there[name], extra, environment)} - done
    return sorted(set(there) - given)


def wheels_in(folder: Path) -> Dict[str, Path]:
    """The wheels of a folder by package."""
    return {str(parse_wheel_filename(path.name)[0]): path for path in folder.glob("*.whl")}


def _download(asked: Sequence[str], folder: Path, python: str, arch: str) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    command += ["--implementation=cp", f"--python-version={python}", f"--dest={folder}"]
    command += [f"--platform={tag}" for tag in platforms(python, arch)]
    done = subprocess.run(
        [*command, *asked], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise WheelsError(
            f"pip cannot fetch {' '.join(asked)} for Python {python} on {arch}: {last[0]}: is there a "
            "network, and a wheel for that device?"
        )


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """The command that deploy/bundle.sh runs; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.wheels", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("folder", type=Path, help="holds our wheel; the others are put beside it")
    parser.add_argument("--python", required=True, help="the device's Python, such as 3.8")
    parser.add_argument("--arch", required=True, help="the device's processor: aarch64 or x86_64")
    parser.add_argument("--constraints", required=True, type=Path, help="the versions to take")
    parser.add_argument("--also", action="append", default=[], help="a package to fetch besides; repeatable")
    given = parser.parse_args(arguments)
    try:
        fetched = fetch(given.folder, given.python, given.arch, given.constraints, given.also)
    except WheelsError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(f"{len(fetched)} wheels fetched")
    return 0


if __name__ == "__main__":
    sys.exit(main())
