"""The web app's files beside the API, on the machine that serves both.

They are few and small, so they are read once and answered from memory. The build names its assets after
their content: those may be kept for ever, the page that names them is asked for anew each time.
"""

import hashlib
import mimetypes
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["FOLDER", "WebApp", "is_built"]

FOLDER = Path(__file__).parents[1] / "static"
"""Where the build puts the app; not there in a checkout that was never installed."""

_PAGE = "/index.html"
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self';"
    " connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'; trusted-types 'none'"
)


def is_built(folder: Path = FOLDER) -> bool:
    """Whether there is an app to serve."""
    return (folder / "index.html").is_file()


class _File(Struct, frozen=True):
    content: bytes
    compressed: dict[str, bytes]
    headers: dict[str, str]


class WebApp:
    """ASGI middleware that answers what asks for the web app, and passes on the rest.

    Every page of the app is the same document, so a browser that asks for a page of an unknown path gets it
    too and the app says that there is no such page; programs get the API's 404.

    Args:
        app: The API.
        has_route: Whether the API has a route for a request.
        folder: The built app.
    """

    def __init__(self, app: ASGIApp, has_route: Callable[[Scope], bool], folder: Path = FOLDER) -> None:
        self._app = app
        self._has_route = has_route
        self._files = _read(folder)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        file = self._file_for(scope)
        if file is None:
            await self._app(scope, receive, send)
            return
        await _answer(file, Headers(scope=scope))(scope, receive, send)

    def _file_for(self, scope: Scope) -> _File | None:
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            return None
        path: str = scope["path"]
        if path.startswith("/v1/"):
            return None
        if path in self._files:
            return self._files[path]
        wants_page = "text/html" in Headers(scope=scope).get("accept", "")
        if path == "/" or (wants_page and not path.startswith("/assets/") and not self._has_route(scope)):
            return self._files.get(_PAGE)
        return None


def _read(folder: Path) -> dict[str, _File]:
    endings = tuple(ending for _, ending in _ENCODINGS)
    return {
        f"/{path.relative_to(folder).as_posix()}": _file(path, immutable=path.parent.name == "assets")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".") and not path.name.endswith(endings)
    }


def _file(path: Path, *, immutable: bool) -> _File:
    content = path.read_bytes()
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    headers = {
        "Content-Type": f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type,
        "Cache-Control": "public, max-age=31536000, immutable" if immutable else "no-cache",
        "ETag": f'"{hashlib.sha256(content).hexdigest()[:32]}"',
        "Vary": "Accept-Encoding",
        "Content-Security-Policy": _POLICY,
    }
    compressed = {
        name: Path(f"{path}{ending}").read_bytes()
        for name, ending in _ENCODINGS
        if Path(f"{path}{ending}").is_file()
    }
    return _File(content, compressed, headers)


def _answer(file: _File, asked: Headers) -> Response:
    if file.headers["ETag"] in asked.get("if-none-match", ""):
        return Response(status_code=304, headers=file.headers)
    accepted = {offer.partition(";")[0].strip() for offer in asked.get("accept-encoding", "").split(",")}
    for name, content in file.compressed.items():
        if name in accepted:
            return Response(content, headers={**file.headers, "Content-Encoding": name})
    return Response(file.content, headers=file.headers)
