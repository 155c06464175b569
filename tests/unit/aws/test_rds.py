"""Signing in to RDS: by a token of IAM's, and to nobody but a server that RDS's authorities vouch for.

PostgreSQL is the real one. The embedded one speaks no TLS, so something in front of it does, as RDS would.
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from foliolens.adapters.aws import clients, rds
from foliolens.settings import AwsDatabaseSettings
from tests.aws import aws_environment

LOGIN = "login_by_iam"
_ASKS_FOR_TLS, _ASKS_FOR_KERBEROS = 80877103, 80877104


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in aws_environment(
        "http://127.0.0.1:9"
    ).items():  # a token is signed here: nobody is asked
        monkeypatch.setenv(name, value)
    clients.forget()
    yield
    clients.forget()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority, and a certificate of its for `localhost`."""
    folder = tmp_path_factory.mktemp("authority")
    key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())

    def certificate(name: str, public: ec.EllipticCurvePublicKey, *extensions: x509.ExtensionType) -> bytes:
        builder = (
            x509.CertificateBuilder()
            .subject_name(named(name))
            .issuer_name(named("authority"))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime.now(UTC) - timedelta(hours=1))
            .not_valid_after(datetime.now(UTC) + timedelta(hours=1))
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    (folder / "authority.pem").write_bytes(
        certificate("authority", key.public_key(), x509.BasicConstraints(ca=True, path_length=None))
    )
    (folder / "server.pem").write_bytes(
        certificate(
            "server", server_key.public_key(), x509.SubjectAlternativeName([x509.DNSName("localhost")])
        )
    )
    (folder / "server.key").write_bytes(
        server_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return folder


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


@contextmanager
def in_front_of(database: str, authority: Path) -> Iterator[int]:
    """The port of what takes TLS alone, and speaks to PostgreSQL for whoever called."""
    address = urlsplit(database)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "server.pem", authority / "server.key")
    listening = socket.create_server(("127.0.0.1", 0))

    def pass_on(source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                target.sendall(data)
        except (OSError, ValueError):
            pass
        finally:
            for each in (source, target):
                each.close()

    def serve(caller: socket.socket) -> None:
        try:
            while (asked := struct.unpack("!ii", caller.recv(8, socket.MSG_WAITALL))[1]) != _ASKS_FOR_TLS:
                assert asked == _ASKS_FOR_KERBEROS, "it would have sent its password in plain text"
                caller.sendall(b"N")
            caller.sendall(b"S")
            encrypted = context.wrap_socket(caller, server_side=True)
        except (OSError, struct.error):  # it did not like the certificate
            caller.close()
            return
        behind = socket.create_connection((str(address.hostname), int(address.port or 5432)))
        threading.Thread(target=pass_on, args=(behind, encrypted), daemon=True).start()
        pass_on(encrypted, behind)

    def accept() -> None:
        while True:
            try:
                caller, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(caller,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()


@pytest.fixture
def settings(database_url: str, authority: Path) -> Iterator[AwsDatabaseSettings]:
    name = urlsplit(database_url).path.removeprefix("/")
    with in_front_of(database_url, authority) as port:
        yield AwsDatabaseSettings(
            database_host="localhost", database_port=port, database_name=name, database_login=LOGIN
        )


@contextmanager
def login_with(password: str, database_url: str) -> Iterator[None]:
    """The login, which knows one token: who may use which is IAM's to say, on RDS."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        login = sql.Identifier(LOGIN)
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(login, sql.Literal(password)))
        try:
            yield
        finally:
            connection.execute(sql.SQL("DROP ROLE {}").format(login))


def test_the_token_is_the_password_and_the_server_is_known(
    settings: AwsDatabaseSettings, authority: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rds, "AUTHORITIES", authority / "authority.pem")
    address = rds.signed_in(settings)()
    token = str(conninfo_to_dict(address)["password"])

    with login_with(token, database_url), psycopg.connect(address) as connection:
        assert connection.pgconn.ssl_in_use
        row = connection.execute("SELECT current_user").fetchone()
    assert row == (LOGIN,)

    signed = urlsplit(f"https://{token}")
    asked = {name: values[0] for name, values in parse_qs(signed.query).items()}
    assert signed.netloc == f"localhost:{settings.database_port}"
    assert (asked["Action"], asked["DBUser"], asked["X-Amz-Expires"]) == ("connect", LOGIN, "900")
    assert "/eu-central-1/rds-db/" in asked["X-Amz-Credential"]


def test_a_server_that_rdss_authorities_do_not_know_gets_no_token(settings: AwsDatabaseSettings) -> None:
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        psycopg.connect(rds.signed_in(settings)())


def test_a_server_of_another_name_gets_none_either(
    settings: AwsDatabaseSettings, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rds, "AUTHORITIES", authority / "authority.pem")
    address = rds.signed_in(settings)().replace("host=localhost", "host=127.0.0.1")

    with pytest.raises(psycopg.OperationalError, match="does not match host name"):
        psycopg.connect(address)


def test_each_connection_signs_a_token_of_its_own(
    settings: AwsDatabaseSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = rds.signed_in(settings)
    before = conninfo_to_dict(asked())["password"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "another")  # as after the function's credentials were renewed
    clients.forget()

    assert conninfo_to_dict(asked())["password"] != before


def test_every_region_has_an_authority_that_is_good_for_long() -> None:
    known = x509.load_pem_x509_certificates(rds.AUTHORITIES.read_bytes())
    lasting = [
        str(each.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value)
        for each in known
        if each.not_valid_after_utc > datetime(2050, 1, 1, tzinfo=UTC)
    ]

    for kind in ("RSA2048", "RSA4096", "ECC384"):  # what an instance may be given
        assert sum(kind in name for name in lasting) >= 25
    assert "Amazon RDS eu-central-1 Root CA RSA2048 G1" in lasting
