"""Where weights are looked for, what is said when they are nowhere, and who fetches them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from lavr import hub
from lavr.errors import MissingModel, UsageError
from lavr.tests.tools.models.shelf import CONTENT, NAME, Shelf, served
from lavr.tools.hosts.boot import FAMILY
from lavr.tools.models import weights as module
from lavr.tools.models.catalogue import CATALOGUE, KINDS, find
from lavr.tools.models.depths import depth_model
from lavr.tools.models.weights import (
    bytes_expected,
    cache_folder,
    folders,
    found,
    offline,
    pull,
    pull_missing,
    weights_file,
    weights_folder,
    where,
)

OFFLINE = {"LAVR_OFFLINE": "1"}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without any weights."""
    for name in ("LAVR_MODELS", "XDG_CACHE_HOME", "TORCH_HOME", "HF_HOME", "HF_HUB_CACHE", *hub._OFFLINE, FAMILY):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LAVR_OFFLINE", "1")
    return tmp_path


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    """A server, and a catalogue with one entry that is on it; online."""
    monkeypatch.delenv("LAVR_OFFLINE")
    with served() as shelf:
        entry = shelf.weights()
        monkeypatch.setattr(module, "find", lambda name: entry if name in {entry.name, entry.file} else None)
        yield shelf


def put(path: Path, content: bytes = b"weights") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_the_catalogue_is_sound() -> None:
    assert len({name for each in CATALOGUE for name in (each.name, each.file or each.hub)}) == 2 * len(CATALOGUE)
    assert {each.kind for each in CATALOGUE} == set(KINDS)
    for each in CATALOGUE:
        assert bool(each.file) == bool(each.url) != bool(each.hub)
        assert each.source.startswith("https://")
        assert not each.url or each.url.endswith(f"/{each.file}")
        assert re.fullmatch(r"([0-9a-f]{64})?", each.sha256)
        assert each.size_bytes > 10**6
        assert each.licence
        assert not each.purpose.endswith(".")
        assert all(find(name) is each for name in {each.name, each.file, each.hub} - {""})
    assert find("") is None


def test_a_name_is_looked_for_in_the_users_folder_then_in_ours_then_in_the_librarys(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = put(home / ".cache" / "torch" / "hub" / "checkpoints" / "yolo11n.pt")
    assert weights_file("yolo11n", kind="detect") == library
    own = put(home / ".cache" / "lavr" / "models" / "yolo11n.pt")
    assert weights_file("yolo11n", kind="detect") == own
    monkeypatch.setenv("LAVR_MODELS", str(home / "models"))
    users = put(home / "models" / "yolo11n.pt")
    assert weights_file("yolo11n", kind="detect") == weights_file("yolo11n.pt", kind="detect") == users
    assert [*folders()][:3] == [users.parent, own.parent, library.parent]


def test_the_cache_moves_with_the_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "elsewhere"))
    monkeypatch.setenv("TORCH_HOME", str(home / "torch"))
    monkeypatch.setenv("HF_HOME", str(home / "hf"))
    assert cache_folder() == home / "elsewhere" / "lavr" / "models"
    expected = [cache_folder(), home / "torch" / "hub" / "checkpoints", home / "hf" / "hub"]
    assert [*folders()] == expected


def test_a_known_name_is_never_taken_from_the_current_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(home / "yolo11n.pt")
    monkeypatch.chdir(home)
    with pytest.raises(MissingModel):
        weights_file("yolo11n.pt", kind="detect")
    assert weights_file("./yolo11n.pt", kind="detect") == Path("yolo11n.pt")


def test_a_file_of_ones_own_is_found_by_its_path_or_below_the_users_folder(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = put(home / "models" / "mine" / "shapes.pt")
    assert weights_file(str(own), kind="detect") == own
    assert weights_file("~/models/mine/shapes.pt", kind="detect") == own
    monkeypatch.setenv("LAVR_MODELS", str(home / "models"))
    assert weights_file("mine/shapes.pt", kind="detect") == own


def test_a_file_that_is_not_there_is_told_with_the_names_that_are_known() -> None:
    with pytest.raises(MissingModel, match="There is no file shapes") as caught:
        weights_file("shapes.pt", kind="segment")
    assert "sam-vit-b" in caught.value.remedy
    with pytest.raises(MissingModel, match="There is no file") as caught:
        weights_file("yolo12.pt", kind="nothing")
    assert caught.value.remedy == "Give its path."


def test_offline_the_error_names_file_size_and_command(home: Path) -> None:
    with pytest.raises(MissingModel) as caught:
        weights_file("sam-vit-b", kind="segment")
    cause, remedy = caught.value.cause, caught.value.remedy
    assert "(sam_vit_b_01ec64.pth, 375 MB, Apache-2.0)" in cause
    assert "nothing may be fetched" in cause
    assert "lavr models pull sam-vit-b" in remedy
    assert str(home / ".cache" / "lavr" / "models" / "sam_vit_b_01ec64.pth") in remedy


@pytest.mark.parametrize("name", ["grounding-dino-tiny", "IDEA-Research/grounding-dino-tiny"])
def test_offline_the_error_of_a_folder_names_it_too(name: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAVR_MODELS", str(home / "models"))
    with pytest.raises(MissingModel, match="IDEA-Research--grounding-dino-tiny, 690 MB, Apache") as caught:
        weights_folder(name, kind="detect")
    folder = home / "models" / "IDEA-Research--grounding-dino-tiny"
    assert "lavr models pull grounding-dino-tiny" in caught.value.remedy
    assert str(folder) in caught.value.remedy
    put(folder / "config.json")
    assert weights_folder(name, kind="detect") == folder


def test_a_folder_is_found_by_path_and_by_the_names_that_a_hub_id_may_have(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = put(home / "models" / "tiny" / "config.json").parent
    assert weights_folder(str(folder), kind="depth") == folder
    monkeypatch.setenv("LAVR_MODELS", str(home / "models"))
    assert weights_folder("somebody/tiny", kind="depth") == folder
    with pytest.raises(MissingModel, match="There is no folder"):
        weights_folder("./tiny/nothing", kind="depth")
    with pytest.raises(MissingModel, match="The weights somebody/small"):
        weights_folder("somebody/small", kind="depth")


def test_weights_of_another_tool_are_refused() -> None:
    with pytest.raises(UsageError, match="sam-vit-b are for segment, not for detect") as caught:
        weights_file("sam-vit-b", kind="detect")
    assert "yolo11n" in caught.value.remedy
    with pytest.raises(UsageError, match="for depth"):
        weights_folder("depth-anything-v2-small", kind="segment")


@pytest.mark.parametrize("name", ["LAVR_OFFLINE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_each_switch_forbids_fetching(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAVR_OFFLINE")
    assert not offline()
    monkeypatch.setenv(name, "0")
    assert not offline()
    monkeypatch.setenv(name, "true")
    assert offline()


def test_what_is_not_here_is_fetched_into_our_cache_with_progress(shelf: Shelf) -> None:
    told: list[str] = []
    path = weights_file("shapes", kind="detect", progress=lambda what, *_: told.append(what))
    assert path == cache_folder() / NAME
    assert path.read_bytes() == CONTENT
    assert set(told) == {f"Fetching {NAME}"}
    assert pull("shapes") == where("shapes") == found(shelf.weights()) == path
    assert len(shelf.asked) == 1


def test_a_worker_fetches_nothing_and_whoever_asked_it_does(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as inside:
        inside.setenv(FAMILY, "a worker")
        with pytest.raises(MissingModel, match="a tool in a worker fetches nothing") as caught:
            weights_file("shapes", kind="detect")
    assert shelf.asked == []
    assert pull_missing(caught.value) == f"The weights shapes were fetched: {cache_folder() / NAME}."
    assert len(shelf.asked) == 1


def test_what_may_not_be_fetched_unasked_stays_an_error(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    other = MissingModel("another one")
    lacking = MissingModel("lacking", pull="shapes")
    with pytest.raises(MissingModel, match="another one"):
        pull_missing(other)
    monkeypatch.setattr(module, "UNASKED_BYTES", 1000)
    with pytest.raises(MissingModel, match="GB are not fetched unasked") as caught:
        pull_missing(lacking)
    assert "lavr models pull shapes" in caught.value.remedy
    with pytest.raises(MissingModel, match="are not fetched unasked"):
        weights_file("shapes", kind="detect")
    monkeypatch.setenv("LAVR_OFFLINE", "1")
    with pytest.raises(MissingModel, match="lacking"):
        pull_missing(lacking)
    assert shelf.asked == []


def test_what_a_model_will_take_is_told_by_its_files_or_the_catalogue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "models" / "org" / "depth"
    put(folder / "config.json", b"{}")
    put(folder / "model.safetensors", b"x" * 1234)
    monkeypatch.setenv("LAVR_MODELS", str(tmp_path / "models"))
    assert bytes_expected("org/depth") == bytes_expected(str(folder)) == depth_model("org/depth").expected_bytes == 1234
    assert bytes_expected(str(put(tmp_path / "sam.pth", b"x" * 99))) == 99
    assert bytes_expected("sam-vit-b") == 375_042_383
    assert bytes_expected("org/elsewhere") == 0


def test_a_large_repository_of_the_hub_waits_until_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    files = [
        SimpleNamespace(rfilename="model.safetensors", size=16 * 10**9),
        SimpleNamespace(rfilename="config.json", size=700),
        SimpleNamespace(rfilename="pytorch_model.bin", size=99 * 10**9),
    ]
    monkeypatch.delenv("LAVR_OFFLINE")
    monkeypatch.setattr("huggingface_hub.HfApi.model_info", lambda *_, **__: SimpleNamespace(siblings=files))
    assert hub.bytes_of("org/large") == 16 * 10**9 + 700
    for ask in (
        lambda: weights_folder("org/large", kind="describe"),
        lambda: pull_missing(MissingModel("lacking", pull="org/large")),
    ):
        with pytest.raises(MissingModel, match=r"16\.0 GB are not fetched unasked"):
            ask()


def test_a_name_that_is_nothing_is_told() -> None:
    for call in (pull, where):
        with pytest.raises(UsageError, match="lavr knows no weights 'nonsense'") as caught:
            call("nonsense")
        assert "yolo11n" in caught.value.remedy
    assert where("somebody/small") is None
    with pytest.raises(MissingModel, match="somebody/small"):
        pull("somebody/small")
