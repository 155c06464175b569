"""A model hub on loopback that serves a small random BERT as the real one serves FinBERT, with faults."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

STAND_IN = Path(__file__).parents[2] / "data" / "finbert_stand_in"


@dataclass
class StandInHub:
    """What the hub has, what it was asked, and how it misbehaves.

    Attributes:
        files: Content by path `<repository>/<path>`.
        cut_after: By path: bytes after which the next answers break off, one entry for each answer.
        failures: By path: statuses the next answers have instead.
        ranges: By path: the `Range` headers of the downloads, None where there was none.
        tell_hash: Whether a HEAD names the hash.
        pointers: Whether /raw/ answers with pointer files.
        honour_range: Whether a part can be had.
    """

    files: dict[str, bytes]
    url: str = ""
    cut_after: dict[str, list[int]] = field(default_factory=dict)
    failures: dict[str, list[int]] = field(default_factory=dict)
    ranges: dict[str, list[str | None]] = field(default_factory=dict)
    wrong: dict[str, bytes] = field(default_factory=dict)
    tell_hash: bool = True
    pointers: bool = True
    honour_range: bool = True


def published(repository: str = "Xenova/finbert", folder: Path = STAND_IN) -> dict[str, bytes]:
    names = ("config.json", "tokenizer.json", "onnx/model_quantized.onnx", "onnx/model.onnx")
    return {f"{repository}/{name}": (folder / name).read_bytes() for name in names}


@contextmanager
def stand_in_hub(files: dict[str, bytes] | None = None) -> Iterator[StandInHub]:
    hub = StandInHub(published() if files is None else files)

    class Handler(_Handler):
        state = hub

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    state: StandInHub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        path, content = self._asked("resolve")
        if content is None:
            return self._end(404)
        if failure := self._failure(path):
            return self._end(failure)
        if not path.endswith(".onnx"):  # small: no large-file storage, git's own hash
            digest = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
            told = {"ETag": f'"{digest}"'} if self.state.tell_hash else {}
            return self._end(200, {"Content-Length": str(len(content)), **told})
        digest = hashlib.sha256(content).hexdigest()
        told = {"X-Linked-ETag": f'"{digest}"', "X-Linked-Size": str(len(content))}
        storage = {"Location": f"http://localhost:{self.server.server_port}/storage/{path}"}
        return self._end(302, {**storage, **(told if self.state.tell_hash else {})})

    def do_GET(self) -> None:
        if self.path.startswith("/storage/"):
            path = self.path.removeprefix("/storage/")
            return self._send(path, self.state.files[path])
        if "/raw/" in self.path:
            return self._pointer()
        path, content = self._asked("resolve")
        if content is None:
            return self._end(404)
        if failure := self._failure(path):
            return self._end(failure)
        if path.endswith(".onnx"):
            location = f"http://localhost:{self.server.server_port}/storage/{path}"
            return self._end(302, {"Location": location})
        return self._send(path, content)

    def _asked(self, kind: str) -> tuple[str, bytes | None]:
        repository, _, rest = self.path.lstrip("/").partition(f"/{kind}/main/")
        path = f"{repository}/{rest}"
        return path, self.state.files.get(path)

    def _failure(self, path: str) -> int | None:
        waiting = self.state.failures.get(path)
        return waiting.pop(0) if waiting else None

    def _pointer(self) -> None:
        _, content = self._asked("raw")
        if content is None or not self.state.pointers:
            return self._end(404)
        text = (
            "version https://git-lfs.github.com/spec/v1\n"
            f"oid sha256:{hashlib.sha256(content).hexdigest()}\nsize {len(content)}\n"
        ).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
        return None

    def _send(self, path: str, content: bytes) -> None:
        content = self.state.wrong.get(path, content)
        wanted = self.headers.get("Range")
        self.state.ranges.setdefault(path, []).append(wanted)
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and self.state.honour_range else 0
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        cuts = self.state.cut_after.get(path)
        end = start + cuts.pop(0) if cuts else len(content)
        self.wfile.write(content[start:end])
        if end < len(content):
            self.close_connection = True

    def _end(self, status: int, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        given = {"Content-Length": "0", **(headers or {})}
        for name, value in given.items():
            self.send_header(name, value)
        self.end_headers()
