"""Fetching weights: whole or not at all, on from where it was cut off, and every failure told with what to do."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lavr.errors import MissingModel
from lavr.progress import silent
from lavr.tests.tools.models.shelf import CONTENT, NAME, Shelf, served
from lavr.tools.models.downloads import ATTEMPTS, download


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    with served() as shelf:
        yield shelf


def left_in(folder: Path) -> list[str]:
    """The files of a folder, the lock left out."""
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".lock"))


def test_a_file_is_fetched_told_of_and_not_fetched_again(shelf: Shelf, tmp_path: Path) -> None:
    told: list[tuple[str, float, float]] = []
    path = download(shelf.weights(), tmp_path / "models", lambda *each: told.append(each))
    assert path.read_bytes() == CONTENT
    assert left_in(path.parent) == [NAME]
    assert [what for what, _, _ in told] == [f"Fetching {NAME}"] * len(told)
    done = [share for _, share, _ in told]
    assert done == sorted(done)
    assert told[-1][1:] == (len(CONTENT), len(CONTENT))
    download(shelf.weights(), tmp_path / "models", silent)
    assert len(shelf.asked) == 1


def test_a_connection_that_breaks_is_made_anew_and_goes_on_from_there(shelf: Shelf, tmp_path: Path) -> None:
    shelf.cuts = [1_000_000, 500_000]
    assert download(shelf.weights(), tmp_path, silent).read_bytes() == CONTENT
    assert shelf.asked == ["", "bytes=1000000-", "bytes=1500000-"]


def test_what_was_cut_off_is_gone_on_with_by_the_next_call(shelf: Shelf, tmp_path: Path) -> None:
    shelf.cuts = [400_000] * ATTEMPTS
    with pytest.raises(MissingModel, match=r"broke \(1,200,000 of 3,072,000 bytes had come\)") as caught:
        download(shelf.weights(), tmp_path, silent)
    assert caught.value.remedy == "lavr models pull shapes goes on from there."
    assert left_in(tmp_path) == [f"{NAME}.part"]
    assert download(shelf.weights(), tmp_path, silent).read_bytes() == CONTENT
    assert shelf.asked[-1] == "bytes=1200000-"
    assert left_in(tmp_path) == [NAME]


def test_a_server_that_cannot_begin_in_the_middle_sends_all_of_it_again(shelf: Shelf, tmp_path: Path) -> None:
    shelf.cuts, shelf.ranges = [1_000_000], False
    assert download(shelf.weights(), tmp_path, silent).read_bytes() == CONTENT


def test_two_halves_are_not_put_together_where_no_hash_could_tell(shelf: Shelf, tmp_path: Path) -> None:
    shelf.cuts = [1_000_000] * ATTEMPTS
    with pytest.raises(MissingModel, match="the connection broke"):
        download(shelf.weights(sha256=""), tmp_path, silent)
    assert left_in(tmp_path) == []
    assert download(shelf.weights(sha256=""), tmp_path, silent).read_bytes() == CONTENT
    assert set(shelf.asked) == {""}


def test_a_part_that_turns_out_wrong_is_refused_once_and_then_fetched_anew(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.part").write_bytes(b"x" * 1000)
    with pytest.raises(MissingModel, match="is another file"):
        download(shelf.weights(), tmp_path, silent)
    assert left_in(tmp_path) == []
    assert download(shelf.weights(), tmp_path, silent).read_bytes() == CONTENT


def test_a_part_that_is_whole_is_taken_without_asking(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.part").write_bytes(CONTENT)
    assert download(shelf.weights(), tmp_path, silent).read_bytes() == CONTENT
    assert shelf.asked == []


def test_another_file_is_refused_and_nothing_is_left(shelf: Shelf, tmp_path: Path) -> None:
    shelf.content = CONTENT[:-1] + b"!"
    with pytest.raises(MissingModel, match="is another file: its sha256 is") as caught:
        download(shelf.weights(), tmp_path, silent)
    assert caught.value.data["weights"] == "shapes"
    assert left_in(tmp_path) == []


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"status": 404}, "answered 404 Not Found"),
        ({"status": 403}, "answered 403 Forbidden"),
        ({"status": 503}, "the server answered 503"),
        ({"kind": "text/html"}, r"answered with a page \(text/html\) instead of the file"),
        ({"content": b""}, "too short"),
        ({"content": CONTENT[:-5]}, r"too short \(3,071,995 of 3,072,000 bytes had come\)"),
        ({"content": CONTENT * 2}, "sends more than 3,072,000 bytes"),
        ({"status": 302, "location": "ftp://example.org/shapes.pt"}, "redirects to ftp:"),
    ],
)
def test_a_bad_answer_is_told_and_nothing_of_it_is_taken_for_the_file(
    changes: dict[str, object], cause: str, shelf: Shelf, tmp_path: Path
) -> None:
    for name, value in changes.items():
        setattr(shelf, name, value)
    with pytest.raises(MissingModel, match=cause) as caught:
        download(shelf.weights(), tmp_path, silent)
    assert caught.value.cause.startswith("The weights shapes could not be fetched: ")
    assert caught.value.remedy
    assert NAME not in left_in(tmp_path)


@pytest.mark.parametrize(
    ("content", "cause"), [(b"<!doctype html>" * 1000, "answered with a page"), (CONTENT * 3, "sends more than")]
)
def test_without_a_hash_a_page_and_a_flood_are_still_refused(
    content: bytes, cause: str, shelf: Shelf, tmp_path: Path
) -> None:
    shelf.content = content
    with pytest.raises(MissingModel, match=cause):
        download(shelf.weights(sha256=""), tmp_path, silent)
    assert left_in(tmp_path) == []


def test_nobody_listening_is_told(shelf: Shelf, tmp_path: Path) -> None:
    weights = shelf.weights(url="http://127.0.0.1:9/shapes.pt")
    with pytest.raises(MissingModel, match=r"refused \(0 of 3,072,000 bytes had come\)"):
        download(weights, tmp_path, silent)


def test_a_redirect_is_followed(shelf: Shelf, tmp_path: Path) -> None:
    with served() as other:
        other.status, other.location = 302, shelf.url
        assert download(other.weights(), tmp_path, silent).read_bytes() == CONTENT


def test_a_folder_that_cannot_be_written_is_told(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file")
    with pytest.raises(MissingModel, match="cannot be written"):
        download(shelf.weights(), tmp_path / "models", silent)


def test_a_file_that_the_disk_has_no_room_for_is_not_begun(shelf: Shelf, tmp_path: Path) -> None:
    with pytest.raises(MissingModel, match="bytes free of the"):
        download(shelf.weights(size_bytes=2**60), tmp_path, silent)
    assert shelf.asked == []


def test_a_disk_that_fills_up_on_the_way_is_told_and_nothing_is_left(shelf: Shelf, tmp_path: Path) -> None:
    # The limit on the size of a file stands for a full disk: the same call fails, with an error of the same kind.
    code = f"""
        import resource, signal
        from pathlib import Path
        from lavr.errors import MissingModel
        from lavr.progress import silent
        from lavr.tests.tools.models.shelf import Shelf
        from lavr.tools.models.downloads import download
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
        try:
            download(Shelf({shelf.url!r}).weights(), Path({str(tmp_path)!r}), silent)
        except MissingModel as error:
            print(error.cause)
    """
    run = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=60)
    assert "cannot be written: File too large" in run.stdout, run.stderr
    assert left_in(tmp_path) == []


def test_several_that_want_one_file_at_once_fetch_it_once(shelf: Shelf, tmp_path: Path) -> None:
    found: list[Path] = []
    threads = [
        threading.Thread(target=lambda: found.append(download(shelf.weights(), tmp_path, silent))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [tmp_path / NAME] * 6
    assert len(shelf.asked) == 1
