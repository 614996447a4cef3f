from __future__ import annotations

from pathlib import Path

import pytest

from agent.errors import BundleError
from agent.inference import object_bundle as module
from agent.inference.object_bundle import object_bundle
from tests.fakes import object_bundles
from tests.fakes.bundles import colour_bundle


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a developer made among the bundles that ship is not seen here, nor what is in the folder."""
    monkeypatch.setattr(module, "shipped", list)
    monkeypatch.chdir(tmp_path)


def test_one_that_was_made_on_the_device_is_found_by_its_name(tmp_path: Path) -> None:
    folder = object_bundles.object_bundle(tmp_path / "models" / "made", name="made")
    assert object_bundle("made", tmp_path / "models").folder == folder


def test_one_of_the_users_own_is_found_by_its_folder(tmp_path: Path) -> None:
    folder = object_bundles.object_bundle(tmp_path / "mine")
    assert object_bundle(str(folder), tmp_path / "models").folder == folder
    assert object_bundle(str(folder)).folder == folder


def test_one_that_ships_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    object_bundles.object_bundle(tmp_path / "models" / "yunet")
    monkeypatch.setattr(module, "shipped", lambda: [Path("yunet")])
    with pytest.raises(BundleError, match="is a bundle for face-detection"):
        object_bundle("yunet", tmp_path / "models")


def test_one_that_is_missing_is_refused_as_every_bundle_is(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="there is no bundle 'nowhere'"):
        object_bundle("nowhere", tmp_path)
    with pytest.raises(BundleError, match="there is no bundle 'nowhere'"):
        object_bundle("nowhere")


def test_one_for_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="is a bundle for fire-classification"):
        object_bundle(str(colour_bundle(tmp_path)))
