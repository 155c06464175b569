"""`foliolens admin`: backup and restore of a real server's data, and the dead letters."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from foliolens.adapters.local.postgres import EmbeddedPostgres, running_url
from foliolens.adapters.local.postgres_queue import PostgresJobQueue
from foliolens.kit.database import Database
from foliolens.kit.migrations import head_revision
from tests.api.conftest import (
    PASSWORD,
    Server,
    User,
    command,
    environment,
    free_port,
    running_server,
    signed_up,
    start_server,
    stop_server,
)
from tests.api.exchanges import STANDARD_CSV, amounts, ask_for_upload, create_portfolio, settled, upload

from .conftest import Outcome


def admin(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command("admin", *map(str, arguments)),
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def assert_failed(ended: subprocess.CompletedProcess[str], said: str) -> None:
    assert ended.returncode == 3, ended.stdout + ended.stderr
    lines = [line for line in ended.stderr.splitlines() if not line.startswith("{")]
    assert [line.split(":")[0] for line in lines] == ["error", "hint"], ended.stderr
    assert said in lines[0]


@dataclass(frozen=True)
class Original:
    """A server with a user, an imported portfolio, an upload that waits for its file, and a backup."""

    server: Server
    user: User
    portfolio_id: str
    waiting: dict[str, Any]
    backup: Path


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Original]:
    backup = tmp_path_factory.mktemp("backups") / "foliolens.tar.gz"
    with running_server(auto_confirm="true") as server, signed_up(server) as user:
        imported = upload(user.client, STANDARD_CSV)
        waiting = ask_for_upload(user.client, STANDARD_CSV + b"MSFT,Microsoft,stock,500.00\n")
        ended = admin("backup", backup, "--data", server.data)
        assert ended.returncode == 0, ended.stderr
        assert f"Backup written to {backup}" in ended.stdout
        create_portfolio(user.client)
        yield Original(server, user, imported["portfolioId"], waiting, backup)


@pytest.fixture(scope="module")
def restored_data(original: Original, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder elsewhere that the backup was restored into."""
    data = tmp_path_factory.mktemp("elsewhere") / "data"
    ended = admin("restore", original.backup, "--data", data)
    assert ended.returncode == 0, ended.stderr
    assert "Restored from" in ended.stdout
    return data


@pytest.fixture(scope="module")
def restored(restored_data: Path) -> Iterator[Server]:
    server = start_server(restored_data, free_port(), auto_confirm="true")
    yield server
    stop_server(server)


class TestRestored:
    def test_the_old_password_signs_in_and_finds_what_was_backed_up(
        self, original: Original, restored: Server
    ) -> None:
        with httpx.Client(base_url=f"{restored.url}/v1", timeout=30) as client:
            signed_in = client.post(
                "/auth/login", json={"email": original.user.email, "password": PASSWORD}
            ).json()
            client.headers["Authorization"] = f"Bearer {signed_in['accessToken']}"

            page = client.get("/portfolios").json()
            assert [item["id"] for item in page["portfolios"]] == [original.portfolio_id]
            assert amounts(client, original.portfolio_id) == amounts(
                original.user.client, original.portfolio_id
            )

    def test_tokens_that_were_given_out_are_good(self, original: Original, restored: Server) -> None:
        with httpx.Client(base_url=f"{restored.url}/v1", timeout=30) as client:
            token = original.user.tokens["accessToken"]
            profile = client.get("/user/profile", headers={"Authorization": f"Bearer {token}"})
            refreshed = client.post(
                "/auth/refresh", json={"refreshToken": original.user.tokens["refreshToken"]}
            )

        assert (profile.status_code, profile.json()["email"]) == (200, original.user.email)
        assert refreshed.status_code == 200

    def test_a_signed_url_that_was_given_out_is_good(self, original: Original, restored: Server) -> None:
        url = original.waiting["uploadUrl"].replace(original.server.url, restored.url)
        content = STANDARD_CSV + b"MSFT,Microsoft,stock,500.00\n"

        sent = httpx.put(url, content=content, headers=original.waiting["headers"])

        assert sent.status_code == 200, sent.text
        with httpx.Client(base_url=f"{restored.url}/v1", timeout=30) as client:
            client.headers["Authorization"] = f"Bearer {original.user.tokens['accessToken']}"
            assert settled(client, original.waiting["uploadId"])["status"] == "COMPLETED"


class TestRefusals:
    def test_a_running_server_is_not_restored_over(self, original: Original) -> None:
        ended = admin("restore", original.backup, "--data", original.server.data, "--force")

        assert_failed(ended, "A server is running")
        assert original.user.client.get("/portfolios").json()["pagination"]["total"] == 2

    def test_data_is_replaced_only_by_force(
        self, original: Original, restored_data: Path, restored: Server, tmp_path: Path
    ) -> None:
        with signed_up(restored) as latecomer:
            email = latecomer.email
        stop_server(restored)
        broken = tmp_path / "broken.tar.gz"
        broken.write_bytes(original.backup.read_bytes()[:-200])

        refused = admin("restore", original.backup, "--data", restored_data)
        unusable = admin("restore", broken, "--data", restored_data, "--force")

        assert_failed(refused, "There is data here already")
        assert_failed(unusable, "is not a complete backup")
        assert email in registered(restored_data)
        forced = admin("restore", original.backup, "--data", restored_data, "--force")
        assert forced.returncode == 0, forced.stderr
        assert registered(restored_data) == {original.user.email}

    def test_a_file_that_is_missing_is_wrong_usage(self, tmp_path: Path) -> None:
        assert admin("restore", tmp_path / "none.tar.gz", "--data", tmp_path / "data").returncode == 2
        assert not (tmp_path / "data").exists()

    def test_there_is_no_backup_of_nothing(self, tmp_path: Path) -> None:
        ended = admin("backup", tmp_path / "b.tar.gz", "--data", tmp_path / "data")

        assert_failed(ended, "There is no data")
        assert list(tmp_path.iterdir()) == []


def registered(data: Path) -> set[str]:
    """The addresses that have an account in a folder whose server is stopped."""
    with (
        EmbeddedPostgres(data / "postgres") as database,
        psycopg.connect(database.url) as connection,
    ):
        return {email for (email,) in connection.execute("SELECT email FROM identity.users")}


class TestDeadLetters:
    def test_they_are_shown_with_their_reason_and_can_be_redriven(self, original: Original) -> None:
        data = original.server.data
        assert "No dead letters" in admin("dead-letters", "--data", data).stdout

        url = running_url(data / "postgres")
        assert url is not None
        database = Database(url, pool_size=2)
        database.open()
        queue = PostgresJobQueue(database, timedelta(minutes=5))
        queue.send("of_the_future", {}, "request-1")
        self.await_dead(queue)

        shown = admin("dead-letters", "--data", data)
        redriven = admin("dead-letters", "--redrive", "--data", data)

        assert (shown.returncode, redriven.returncode) == (0, 0)
        assert "of_the_future" in shown.stdout
        assert "no handler for jobs of kind of_the_future" in shown.stdout
        assert "Jobs put back into the queue: 1." in redriven.stdout
        self.await_dead(queue)  # it is no better than before
        database.close()

    def await_dead(self, queue: PostgresJobQueue) -> None:
        deadline = time.monotonic() + 20
        while not queue.dead():
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def test_without_a_server_there_is_nothing_to_show(self, tmp_path: Path) -> None:
        assert_failed(admin("dead-letters", "--data", tmp_path), "No database is running")


class TestMigrate:
    def test_an_older_version_is_prepared_for_by_going_back(self, tmp_path: Path) -> None:
        data = tmp_path / "data"
        forwards = admin("migrate", "--data", data)
        refused = admin("migrate", "--to", "0004", "--data", data)
        back = admin("migrate", "--to", "0004", "--force", "--data", data)
        again = admin("migrate", "--data", data)

        assert f"at revision {head_revision()}" in forwards.stdout
        assert_failed(refused, "loses what is newer")
        assert "at revision 0004" in back.stdout
        assert f"at revision {head_revision()}" in again.stdout

    def test_a_revision_there_is_not_is_refused(self, tmp_path: Path) -> None:
        assert_failed(admin("migrate", "--to", "9999", "--data", tmp_path / "data"), "no revision 9999")

    def test_nothing_is_migrated_under_a_running_server(self, original: Original) -> None:
        assert_failed(admin("migrate", "--data", original.server.data), "A server is running")


def test_dead_letters_on_aws_are_looked_for_where_the_settings_say(
    foliolens: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOLIOLENS_MODE", "aws")

    ended = foliolens("admin", "dead-letters")

    assert ended.code == 2
    assert ended.err.splitlines() == [
        "error: FOLIOLENS_AWS_QUEUE is not set. FOLIOLENS_AWS_DEAD_LETTERS is not set.",
        "hint: The outputs of the stack name them.",
    ]
