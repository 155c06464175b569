"""Requests that no HTTP library would send: each gets a refusal, and the server goes on."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest

from tests.api.conftest import Server

_JSON = b"Content-Type: application/json"
_JUNK = b"\xff\xfe\xed\xa0\x80"
_LOGIN = b"/v1/auth/login"


def _request(
    method: bytes = b"GET", path: bytes = b"/v1/portfolios", *headers: bytes, body: bytes = b""
) -> bytes:
    lines = [method + b" " + path + b" HTTP/1.1", b"Host: localhost", b"Connection: close", *headers]
    if body:
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join([*lines, b"", body])


def _login(body: bytes) -> bytes:
    return _request(b"POST", _LOGIN, _JSON, body=body)


def _number(text: bytes) -> bytes:
    return _login(b'{"email":"a@example.com","password":' + text + b"}")


_REQUESTS = {
    "NUL in the path": _request(path=b"/v1/portfolios/%00"),
    "a raw NUL in the path": _request(path=b"/v1/\0"),
    "no UTF-8 in the path": _request(path=b"/v1/portfolios/%ff%fe"),
    "a lone surrogate in the path": _request(path=b"/v1/portfolios/%ed%a0%80"),
    "raw bytes in the path": _request(path=b"/v1/" + _JUNK),
    "a climbing path": _request(path=b"/v1/../../etc/passwd"),
    "a climbing path in the documentation": _request(path=b"/docs/assets/..%2f..%2f..%2fetc%2fpasswd"),
    "NUL in a file of the documentation": _request(path=b"/docs/assets/%00"),
    "a lone surrogate in the documentation": _request(path=b"/docs/assets/%ed%a0%80"),
    "a long file name in the documentation": _request(path=b"/docs/assets/" + b"a" * 5000),
    "a raw NUL as a link's token": _request(path=b"/v1/shared/\0"),
    "raw bytes as a link's token": _request(path=b"/v1/shared/" + _JUNK),
    "a lone surrogate as a link's token": _request(path=b"/v1/shared/%ed%a0%80/risk"),
    "a climbing token of a link": _request(path=b"/v1/shared/../portfolios"),
    "a long token of a link": _request(path=b"/v1/shared/" + b"a" * 20_000),
    "NUL in an object's key": _request(b"PUT", b"/objects/%00?size=1&expires=1&signature=%00", body=b"a"),
    "junk in an object's query": _request(b"PUT", b"/objects/a?size=%ff&expires=x&signature=%ed%a0%80"),
    "an object without a query": _request(b"PUT", b"/objects/a"),
    "a long path": _request(path=b"/" + b"a" * 20_000),
    "an unknown method": _request(b"BREW"),
    "TRACE": _request(b"TRACE"),
    "CONNECT": _request(b"CONNECT", b"localhost:1"),
    "an asterisk": _request(b"OPTIONS", b"*"),
    "a WebSocket": _request(b"GET", b"/v1/portfolios", b"Upgrade: websocket", b"Sec-WebSocket-Version: 13"),
    "TLS to a port without": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "no host": b"GET /v1/portfolios HTTP/1.1\r\nConnection: close\r\n\r\n",
    "junk as the host": b"GET /v1/portfolios HTTP/1.1\r\nHost: [\xff{\r\nConnection: close\r\n\r\n",
    "three hundred headers": _request(b"GET", b"/v1/portfolios", *(b"X-%d: 1" % n for n in range(300))),
    "a long header": _request(b"GET", b"/v1/portfolios", b"X-Long: " + b"a" * 60_000),
    "junk as the request's id": _request(b"GET", b"/v1/portfolios", b"X-Request-Id: " + _JUNK),
    "junk as the token": _request(b"GET", b"/v1/portfolios", b"Authorization: Bearer " + _JUNK),
    "a token of empty objects": _request(b"GET", b"/v1/portfolios", b"Authorization: Bearer e30.e30.e30"),
    "a token without a signature": _request(
        b"GET",
        b"/v1/portfolios",
        b"Authorization: Bearer eyJhbGciOiJub25lIn0.e30.",  # pragma: allowlist secret
    ),
    "two tokens": _request(b"GET", b"/v1/portfolios", b"Authorization: Bearer a", b"Authorization: Bearer b"),
    "junk as the idempotency key": _request(
        b"POST", b"/v1/auth/register", _JSON, b"Idempotency-Key: " + _JUNK, body=b"{}"
    ),
    "junk as the content type": _request(b"POST", _LOGIN, b"Content-Type: " + _JUNK, body=b"{}"),
    "half a content type": _request(b"POST", _LOGIN, b"Content-Type: application/;", body=b"{}"),
    "a form": _request(b"POST", _LOGIN, b"Content-Type: multipart/form-data", body=b"{}"),
    "no body": _request(b"POST", _LOGIN, _JSON),
    "an array": _login(b"[]"),
    "null": _login(b"null"),
    "two documents": _login(b"{}{}"),
    "deep arrays": _login(b"[" * 100_000 + b"]" * 100_000),
    "deep objects": _login(b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
    "a lone surrogate in JSON": _login(b'{"email":"\\ud800","password":"x"}'),
    "an escaped NUL in JSON": _login(b'{"email":"a@example.com","password":"\\u0000"}'),
    "a raw NUL in JSON": _login(b'{"email":"\0","password":"x"}'),
    "no UTF-8 in JSON": _login(b'{"email":"' + _JUNK + b'","password":"x"}'),
    "UTF-16": _login('{"email":"a@example.com","password":1}'.encode("utf-16")),
    "a byte order mark": _login(b'\xef\xbb\xbf{"email":1}'),
    "NaN": _number(b"NaN"),
    "an infinite exponent": _number(b"1e999999999"),
    "a vanishing exponent": _number(b"-1e-999999999"),
    "five thousand digits": _number(b"9" * 5000),
    "five thousand decimals": _number(b"0." + b"9" * 5000),
    "a body over the limit": _login(b'"' + b"a" * (1024 * 1024) + b'"'),
    "a body over the limit, in pieces": _request(b"POST", _LOGIN, _JSON, b"Transfer-Encoding: chunked")
    + b"100000\r\n"
    + b" " * 0x100000
    + b"\r\n1\r\n \r\n0\r\n\r\n",
    "an impossible length": _request(b"POST", _LOGIN, _JSON, b"Content-Length: 99999999999999999999"),
}


@pytest.fixture(scope="module")
def address(server: Server) -> tuple[str, int]:
    parts = urlsplit(server.url)
    return parts.hostname or "", parts.port or 0


def _status(address: tuple[str, int], request: bytes) -> int:
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(request)
        answer = b""
        while b"\r\n" not in answer:
            piece = connection.recv(65_536)
            assert piece, f"the connection was closed after {answer!r}"
            answer += piece
    return int(answer.split(b" ", 2)[1])


@pytest.mark.parametrize("name", _REQUESTS)
def test_a_hostile_request_is_refused(address: tuple[str, int], name: str) -> None:
    assert 400 <= _status(address, _REQUESTS[name]) < 500

    assert _status(address, _request(path=b"/v1/health")) == 200
