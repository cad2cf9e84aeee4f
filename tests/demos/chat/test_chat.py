"""The chat through its own API: questions, steps, errors, busy, and nothing of one visitor for another."""

from __future__ import annotations

import io
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import PIL.Image
import pytest

from lavr.demos.chat.client import Reply, Visitor
from lavr.demos.draw_samples import IMAGES
from lavr.tests.demos.chat.served import Served, served, setup
from lavr.vision.store import Pixels, default_store, pixels_digest

RECEIPT = IMAGES / "receipt.png"


def png(value: int = 200, size_wh: tuple[int, int] = (120, 90)) -> bytes:
    """A plain picture."""
    return encoded(np.full((size_wh[1], size_wh[0], 3), value, np.uint8))


def encoded(pixels: Pixels) -> bytes:
    """Pixels as a file."""
    file = io.BytesIO()
    PIL.Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def ann(chat: Served) -> Iterator[Visitor]:
    with Visitor(chat.url, timeout_s=60) as visitor:
        yield visitor


@pytest.fixture
def bob(chat: Served) -> Iterator[Visitor]:
    with Visitor(chat.url, timeout_s=60) as visitor:
        yield visitor


def addresses(reply: Reply) -> list[str]:
    """Every address of a file that the page was given."""
    found = re.findall(r'(?:src|href)="(room/[^"]+)"', "".join(reply.pieces.values()))
    return sorted({f"/{address}" for address in found})


def test_a_question_is_answered_with_its_steps_and_its_evidence(ann: Visitor) -> None:
    assert ann.add(RECEIPT)["size_wh"] == [620, 900]
    reply = ann.ask("What is the total?")
    assert [key for key in reply.pieces if key.startswith("t1-step")] == ["t1-step-1", "t1-step-2"]
    assert "CAFE LUMEN" in reply.pieces["t1-step-1"]
    assert '<mark data-keys="r' in reply.pieces["t1-answer"]
    assert "17.27" in reply.text
    follow_up = ann.ask("And the date?")
    assert "14/03/2026" in follow_up.last


def test_an_error_of_a_tool_is_shown_as_one_and_the_chat_goes_on(ann: Visitor) -> None:
    reply = ann.ask("break it")
    assert "Failed:" in reply.text
    assert "ToolFailed" in reply.text
    assert "/home/ann/secret" not in "".join(reply.pieces.values())
    assert "…/x.pt" in reply.text
    assert "Traceback" not in reply.text
    assert "hello" in ann.ask("say hello").last


def test_an_empty_question_and_one_that_is_too_long_are_told_what_to_do(ann: Visitor) -> None:
    assert "The question is empty." in ann.ask("   ").text
    assert "at most 4,000" in ann.ask("say " + "x" * 5000).text
    assert "hi" in ann.ask("say hi").last


def test_the_last_question_can_be_asked_again_and_edited(ann: Visitor) -> None:
    ann.add(png())
    ann.ask("say one")
    again = ann.do("again")
    assert list(again.pieces) == ["t1-question", "t1-step-1", "t1-answer"]
    assert "one" in again.last
    final = [m for m in ann.messages("edit", []) if m["msg"] == "process_completed"][-1]["output"]["data"]
    assert final[0][0][0] == "welcome"
    assert "picture.png" in final[1]["chips"]
    assert final[3]["value"] == "say one"


@pytest.mark.clock
def test_stop_ends_a_run_within_two_seconds_and_the_conversation_goes_on(ann: Visitor) -> None:
    ann.add(png())
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(ann.ask, "nap")
        time.sleep(1.0)
        begun = time.perf_counter()
        body = {"data": [], "fn_index": ann.events["stop"], "session_hash": ann.key}
        assert ann.http.post("/gradio_api/run/predict", json=body).status_code == 200
        reply = running.result(10)
    assert time.perf_counter() - begun < 2
    assert "Stopped." in reply.last
    assert "img_1" in ann.ask("find it").text


def test_pointing_makes_a_region_of_the_next_question(ann: Visitor) -> None:
    key = ann.add(RECEIPT)["key"]
    tray = [m for m in ann.messages("point", [], {"picture": key, "xyxy": [468, 596, 575, 640]}) if m.get("output")]
    assert "this one" in tray[-1]["output"]["data"][1]["chips"]
    reply = ann.ask("What does this one say?")
    assert "pointing at" in reply.text
    assert "17.27" in reply.last


def test_a_place_that_is_none_is_a_notice(ann: Visitor) -> None:
    ann.add(png())
    assert "not here any more" in ann.do("point", {"picture": "img_7", "x": 1, "y": 2}).text
    assert "hi" in ann.ask("say hi").last


BAD = {
    "text": (b"hello, I am a text file", "note.png", "NotAnImage"),
    "empty": (b"", "empty.png", "NotAnImage"),
    "half": (RECEIPT.read_bytes()[:20_000], "half.png", "CorruptImage"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "x.svg", "NotAnImage"),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_picture_is_refused_with_what_is_wrong_and_what_to_do(ann: Visitor, bad: str) -> None:
    content, name, kind = BAD[bad]
    error = ann.add(content, name)["error"]
    assert error["name"] == kind
    assert error["cause"]
    assert error["remedy"]


def test_a_picture_of_more_than_25_mib_is_refused_and_not_kept(ann: Visitor, chat: Served) -> None:
    assert chat.chat.setup.file_bytes == 25 * 1024 * 1024
    error = ann.add(b"\x89PNG" + bytes(25 * 1024 * 1024), "large.png")["error"]
    assert error["name"] == "ImageTooLarge"

    def endless() -> Iterator[bytes]:
        for _ in range(30):
            yield bytes(1024 * 1024)

    answer = ann.http.post(f"/room/{ann.key}/pictures", content=endless())  # without a length beforehand
    assert answer.status_code == 413
    assert answer.json()["error"]["name"] == "ImageTooLarge"


def test_an_upload_takes_no_room_unless_a_page_opened_it(ann: Visitor, chat: Served) -> None:
    before = len(chat.chat.rooms)
    answers = [ann.http.post(f"/room/never-opened-{number}/pictures", content=b"") for number in range(5)]
    assert [answer.status_code for answer in answers] == [404] * 5
    assert len(chat.chat.rooms) == before


def test_a_picture_too_many_is_refused_before_it_is_opened() -> None:
    with served(setup(pictures=1)) as chat, Visitor(chat.url) as visitor:
        visitor.add(png())
        assert visitor.add(b"this is no picture")["error"]["name"] == "LimitReached"


def test_an_upload_to_a_chat_that_was_thrown_away_is_told_so_and_the_next_one_is_taken() -> None:
    with served(setup(left_s=0.0)) as chat, Visitor(chat.url) as visitor:
        visitor.add(png())
        chat.chat.rooms.leave(visitor.key)
        chat.chat.rooms._rooms[visitor.key].left = -1.0
        assert chat.chat.rooms.sweep() == [visitor.key]
        assert "thrown away" in visitor.add(png())["error"]["cause"]
        assert "thrown away" in visitor.do("changed").text
        assert visitor.add(png())["size_wh"] == [120, 90]


def test_a_picture_that_is_longer_than_webp_can_be_is_shown_all_the_same(ann: Visitor, chat: Served) -> None:
    ann.add(png(size_wh=(17_000, 100)))
    digest = next(iter(chat.chat.rooms.find(ann.key, ann.http.cookies["lavr_visitor"]).digests))
    for kind in ("picture", "thumb"):
        answer = ann.http.get(f"/room/{ann.key}/{kind}/{digest}")
        assert answer.status_code == 200
        assert PIL.Image.open(io.BytesIO(answer.content)).size[0] <= 16_383


def test_pictures_are_encoded_beside_the_event_loop(ann: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    from lavr.demos.chat import files

    ann.add(RECEIPT)
    ann.ask("What is the total?")
    encode, threads = files._png, list[str]()

    def told(pixels: Pixels) -> bytes:
        threads.append(threading.current_thread().name)
        return encode(pixels)

    monkeypatch.setattr(files, "_png", told)
    for path in ("overlay/img_1.png", "cutout/r19.png"):
        assert ann.http.get(f"/room/{ann.key}/{path}").status_code == 200
    assert len(threads) == 2
    assert all(name.startswith("lavr-chat") for name in threads)


def test_what_can_be_downloaded(ann: Visitor) -> None:
    ann.add(RECEIPT)
    ann.ask("What is the total?")
    overlay = ann.http.get(f"/room/{ann.key}/overlay/img_1.png")
    assert PIL.Image.open(io.BytesIO(overlay.content)).size == (620, 900)
    cut = ann.http.get(f"/room/{ann.key}/cutout/r19.png")
    assert PIL.Image.open(io.BytesIO(cut.content)).size[0] < 200
    trace = ann.http.get(f"/room/{ann.key}/trace.html")
    assert "17.27" in trace.text
    assert "lavr-chat-" not in trace.text
    for answer in (overlay, cut, trace):
        assert answer.headers["content-disposition"].startswith("attachment")
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_every_file_of_one_visitor_is_refused_to_another(ann: Visitor, bob: Visitor) -> None:
    ann.add(RECEIPT)
    found = addresses(ann.ask("What is the total?"))
    found += [f"/room/{ann.key}/{name}" for name in ("overlay/img_1.png", "cutout/r19.png", "trace.html")]
    bob.add(png())
    bob.ask("say hi")
    assert len(found) >= 5
    assert [ann.http.get(address).status_code for address in found] == [200] * len(found)
    assert [bob.http.get(address).status_code for address in found] == [404] * len(found)
    # Neither in the other's room, nor without any visitor.
    moved = [address.replace(ann.key, bob.key) for address in found if "/picture/" in address or "/thumb/" in address]
    assert [bob.http.get(address).status_code for address in moved] == [404] * len(moved)
    bob.http.cookies.clear()
    assert [bob.http.get(address).status_code for address in found] == [404] * len(found)


def test_the_number_of_a_session_is_of_no_use_to_another_visitor(ann: Visitor, bob: Visitor) -> None:
    ann.ask("say secret")
    calls = {"data": ["say more", *ann.settings], "fn_index": ann.events["ask"], "session_hash": ann.key}
    assert bob.http.post("/gradio_api/queue/join", json=calls).status_code == 403
    assert bob.http.post("/gradio_api/run/predict", json=calls).status_code == 403
    assert bob.http.get("/gradio_api/queue/data", params={"session_hash": ann.key}).status_code == 403
    assert bob.http.get(f"/gradio_api/heartbeat/{ann.key}").status_code == 403
    cancel = {"session_hash": ann.key, "fn_index": 0, "event_id": "x"}
    assert bob.http.post("/gradio_api/cancel", json=cancel).status_code == 403
    assert bob.http.post(f"/room/{ann.key}/pictures", content=png()).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file=http://127.0.0.1:9/x.png",
        "/gradio_api/file/etc/passwd",
        "/gradio_api/proxy=http://127.0.0.1:9/x",
        "/gradio_api/upload_progress",
        "/gradio_api/runs",
        "/gradio_api/deep_link",
        "/gradio_api/openapi.json",
        "/gradio_api/call/ask",
        "/monitoring",
        "/docs",
        "/room/x/../../etc/passwd",
    ],
)
def test_what_the_chat_does_not_need_of_gradio_is_not_there(ann: Visitor, path: str) -> None:
    assert ann.http.get(path).status_code == 404
    assert ann.http.post(path, content=b"").status_code == 404


def test_gradios_own_uploads_are_not_there(ann: Visitor) -> None:
    assert ann.http.post("/gradio_api/upload", files={"files": ("a.png", png())}).status_code == 404
    assert ann.http.post("/gradio_api/component_server", json={}).status_code == 404


def test_a_page_of_another_site_cannot_speak_for_the_visitor(ann: Visitor) -> None:
    headers = {"origin": "http://evil.invalid"}
    assert ann.http.post(f"/room/{ann.key}/pictures", content=png(), headers=headers).status_code == 404
    headers = {"origin": str(ann.http.base_url).rstrip("/")}
    assert ann.http.post(f"/room/{ann.key}/pictures", content=png(), headers=headers).status_code == 200


def test_a_request_that_is_too_large_is_refused(ann: Visitor) -> None:
    for path in ("/gradio_api/queue/join", "/login", "/config"):
        assert ann.http.post(path, content=b"x" * 2_000_000).status_code == 413, path


def test_every_answer_carries_its_policy(ann: Visitor) -> None:
    page = ann.http.get("/")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]
    assert page.text.count("<script") == page.text.count("<script nonce=")
    for path in ("/config", "/theme.css", "/example/0", "/nowhere"):
        headers = ann.http.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
    ann.http.cookies.clear()
    cookie = ann.http.get("/").headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_a_new_chat_forgets_the_old_one_and_its_files(ann: Visitor, chat: Served) -> None:
    ann.add(RECEIPT)
    reply = ann.ask("say hi")
    folder = chat.chat.rooms.find(ann.key, ann.http.cookies["lavr_visitor"]).store.folder
    ann.do("new_chat")
    assert not folder.exists()
    assert {ann.http.get(address).status_code for address in addresses(reply)} == {404}
    assert "hello" in ann.ask("say hello").last


def test_a_page_that_is_closed_ends_its_run_and_leaves_its_room_to_be_swept(ann: Visitor, chat: Served) -> None:
    ann.ask("say hi")
    room = chat.chat.rooms.find(ann.key, ann.http.cookies["lavr_visitor"])
    with ann.http.stream("GET", f"/gradio_api/heartbeat/{ann.key}") as alive:
        assert next(alive.iter_lines()).startswith("data:")
    patience = time.monotonic() + 10
    while not room.stop.is_set() and time.monotonic() < patience:
        time.sleep(0.05)
    assert room.stop.is_set()
    assert room.left is not None


@pytest.mark.clock
def test_a_full_house_tells_at_once_that_it_is_busy() -> None:
    with served(setup(at_once=1, waiting=1)) as chat:
        visitors = [Visitor(chat.url, timeout_s=60) for _ in range(3)]
        naps = [threading.Thread(target=each.ask, args=("nap 6",), daemon=True) for each in visitors[:2]]
        for nap in naps:
            nap.start()
            time.sleep(0.5)
        replies = [visitors[2].ask("say hi") for _ in range(3)]
        assert all("Busy: 1 questions are at work and 1 are waiting." in reply.text for reply in replies)
        # Another program may take the processors for a while: the best of three is ours.
        assert min(reply.seconds for reply in replies) < 1
        for nap in naps:
            nap.join(30)
        assert "hi" in visitors[2].ask("say hi").last
        for each in visitors:
            each.http.close()


def test_only_who_knows_the_password_gets_in() -> None:
    with served(setup(auth=[("ann", "secret")])) as chat:
        import httpx

        with httpx.Client(base_url=chat.url) as stranger:
            assert stranger.get("/config").status_code == 401
            assert stranger.post("/login", data={"username": "ann", "password": "guess"}).status_code == 400
            assert stranger.post("/login", data={"username": "ann", "password": "secret"}).status_code == 200
            assert stranger.get("/config").status_code == 200


LOCKED = {
    "a room's pictures": ("POST", "/room/x/pictures"),
    "a sample": ("GET", "/example/0"),
    "a heartbeat": ("GET", "/gradio_api/heartbeat/x"),
    "the queue": ("POST", "/gradio_api/queue/join"),
    "events": ("GET", "/gradio_api/queue/data?session_hash=x"),
}


def test_a_stranger_gets_nothing_of_the_chat_before_the_password() -> None:
    with served(setup(auth=[("ann", "secret")])) as chat:
        import httpx

        with httpx.Client(base_url=chat.url, timeout=5) as stranger:
            assert stranger.get("/").status_code == 200
            for method, path in LOCKED.values():
                with stranger.stream(method, path, content=b"") as answer:
                    assert answer.status_code == 401, path
            assert len(chat.chat.rooms) == 0
            stranger.cookies.set(f"access-token-unsecure-{chat.chat._gradio.cookie_id}", "guess")
            assert stranger.get("/example/0").status_code == 401
            stranger.cookies.clear()
            stranger.post("/login", data={"username": "ann", "password": "secret"})
            assert stranger.get("/example/0").status_code == 200


def test_the_files_of_the_chat_go_with_it(tmp_path: Path) -> None:
    with served(setup()) as chat, Visitor(chat.url) as visitor:
        visitor.add(png())
        folder = chat.chat.rooms.folder
        assert any(folder.rglob("*.png"))
    assert not folder.exists()


def test_what_a_visitor_sent_is_in_no_place_that_outlives_the_chat(ann: Visitor, chat: Served) -> None:
    pixels = np.full((90, 300, 3), 255, np.uint8)
    cv2.putText(pixels, "ONLY HERE", (20, 60), cv2.FONT_HERSHEY_SIMPLEX, 1.4, (0, 0, 0), 3, cv2.LINE_AA)
    ann.add(encoded(pixels))
    assert "ONLY HERE" in ann.ask("What does it say?").text
    room = chat.chat.rooms.find(ann.key, ann.http.cookies["lavr_visitor"])
    assert room.store.path(pixels_digest(pixels)).is_file()
    assert not default_store().path(pixels_digest(pixels)).is_file()
