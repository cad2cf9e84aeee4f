"""The hub: a small one on this machine gives out a model, and what is not safe stays there."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REPOSITORY = "somebody/tiny"


@dataclass
class Hub:
    """A hub with one repository.

    Attributes:
        files: of the repository, by name.
        url: of the hub.
        asked: the paths that were asked for.
        agents: the user agents that asked.
    """

    files: dict[str, bytes]
    url: str = ""
    asked: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)

    def answer(self, path: str) -> tuple[int, bytes]:
        if path.startswith(f"/{REPOSITORY}/resolve/"):
            name = path.rsplit("/", 1)[-1]
            return (200, self.files[name]) if name in self.files else (404, b"")
        if path.startswith(f"/api/models/{REPOSITORY}/tree/"):
            listed = [
                {"type": "file", "path": name, "size": len(data), "oid": _etag(data)}
                for name, data in self.files.items()
            ]
            return 200, json.dumps(listed).encode()
        if path.startswith(f"/api/models/{REPOSITORY}"):
            siblings = [{"rfilename": name} for name in self.files]
            told = {"id": REPOSITORY, "modelId": REPOSITORY, "sha": COMMIT, "siblings": siblings, "tags": []}
            return 200, json.dumps(told).encode()
        return 404, b""


def _listed(name: str, data: bytes) -> dict[str, Any]:
    return {"type": "file", "path": name, "size": len(data), "oid": _etag(data)}


def _etag(data: bytes) -> str:
    return sha1(data).hexdigest()


@contextmanager
def served(**files: bytes) -> Iterator[Hub]:
    """A hub whose repository has these files; `__` stands for the dot of a name."""
    hub = Hub({name.replace("__", "."): data for name, data in files.items()})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hub.asked.append(self.path)
            hub.agents.add(self.headers.get("User-Agent", ""))
            status, body = hub.answer(self.path.partition("?")[0])
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Type", "application/json")
            self.send_header("ETag", f'"{_etag(body)}"')
            self.send_header("X-Repo-Commit", COMMIT)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815 - what the base class calls it

        def log_request(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    serving.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        serving.join()


PROGRAM = """
    import json, sys
    from lavr.errors import LavrError
    from lavr.tools.models.weights import found_folder, weights_folder
    told, paths = [], []
    try:
        for _ in range(2):
            folder = weights_folder("somebody/tiny", kind="depth", progress=lambda *each: told.append(each))
            paths.append(str(folder))
        files = sorted(path.name for path in folder.iterdir())
        here = str(found_folder("somebody/tiny"))
        print(json.dumps({"paths": paths, "files": files, "told": len(told), "here": here}))
    except LavrError as error:
        print(json.dumps({"error": error.name, "cause": error.cause}))
"""


def _asked(hub: Hub, home: Path, **environment: str) -> Any:
    """What a fresh process, which reads its environment anew, gets from the hub."""
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(home), "HF_ENDPOINT": hub.url, **environment}
    environ["PYTHONPATH"] = ":".join(path for path in sys.path if path)
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROGRAM)], env=environ, capture_output=True, text=True, timeout=120
    )
    assert run.stderr == ""
    return json.loads(run.stdout)


def test_a_model_is_fetched_once_with_its_safetensors_alone_and_without_telemetry(tmp_path: Path) -> None:
    with served(
        config__json=b"{}", model__safetensors=b"safe" * 1000, pytorch_model__bin=b"pickle", modeling__py=b"code"
    ) as hub:
        found = _asked(hub, tmp_path)
        asked = [*hub.asked]
        assert _asked(hub, tmp_path)["here"] == found["here"]
        assert hub.asked == asked
    assert found["files"] == ["config.json", "model.safetensors"]
    assert found["told"] > 0
    assert found["paths"] == [found["here"]] * 2
    assert found["here"].startswith(str(tmp_path / ".cache" / "huggingface" / "hub"))
    assert not [path for path in hub.asked if path.endswith((".bin", ".py"))]
    assert not [agent for agent in hub.agents if "torch/" in agent]


def test_a_model_that_has_pickles_alone_is_not_fetched(tmp_path: Path) -> None:
    with served(config__json=b"{}", pytorch_model__bin=b"pickle") as hub:
        found = _asked(hub, tmp_path)
    assert "is on the hub without safetensors, and pickle files are not fetched" in found["cause"]
    assert not [path for path in hub.asked if "/resolve/" in path]


def test_offline_the_hub_is_not_asked(tmp_path: Path) -> None:
    with served(config__json=b"{}", model__safetensors=b"safe") as hub:
        assert _asked(hub, tmp_path, LAVR_OFFLINE="1")["error"] == "MissingModel"
        assert hub.asked == []
        found = _asked(hub, tmp_path)
        asked = len(hub.asked)
        assert _asked(hub, tmp_path, LAVR_OFFLINE="1")["paths"] == found["paths"]
        assert len(hub.asked) == asked


def test_a_model_of_which_a_part_is_lacking_is_fetched_to_its_end(tmp_path: Path) -> None:
    parts = [f"model-0000{number}-of-00002.safetensors" for number in (1, 2)]
    index = json.dumps({"weight_map": {"one": parts[0], "two": parts[1]}}).encode()
    with served(config__json=b"{}", model__safetensors__index__json=index) as hub:
        hub.files |= dict.fromkeys(parts, b"part")
        folder = Path(_asked(hub, tmp_path)["here"])
        (folder / parts[1]).unlink()
        assert _asked(hub, tmp_path, LAVR_OFFLINE="1")["error"] == "MissingModel"
        assert _asked(hub, tmp_path)["files"] == ["config.json", *parts, "model.safetensors.index.json"]
