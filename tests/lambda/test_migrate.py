"""The migration, run as Lambda runs it: a database of nobody's becomes one that the functions may use."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from foliolens.adapters.aws import clients
from foliolens.kit.database import Database
from foliolens.kit.migrations import database_revision, head_revision
from tests.aws import aws_environment
from tests.lambda_runtime import FunctionError, LambdaFunction, invocations, running
from tests.postgres import cluster, empty_database

LOGIN = "foliolens_login"


@pytest.fixture
def database(template_url: str) -> Iterator[str]:
    with empty_database(template_url) as url:
        yield url


def owner_of(url: str) -> dict[str, str]:
    """As the secret that RDS keeps holds it."""
    parts = urlsplit(url)
    return {"username": str(parts.username), "password": str(parts.password), "engine": "postgres"}


@contextmanager
def function(
    part: str, built: Path, folder: Path, database: str, **variables: str
) -> Iterator[LambdaFunction]:
    environment = {
        "AWS_DEFAULT_REGION": "eu-central-1",
        "FOLIOLENS_DATABASE_URL": database,
        "FOLIOLENS_AWS_DATABASE_HOST": "unused.example",
        "FOLIOLENS_AWS_DATABASE_LOGIN": LOGIN,
        **variables,
    }
    with running(
        built / "migrate.zip", f"foliolens.entrypoints.lambda_migrate.{part}", folder, environment
    ) as started:
        yield started


def test_an_empty_database_gets_the_schema_and_lets_the_functions_in(
    built: Path, database: str, tmp_path: Path
) -> None:
    with function("run", built, tmp_path, database) as run:
        first = run.invoke({"owner": owner_of(database)})
        again = run.invoke({"owner": owner_of(database)})

    assert first == again == {"revision": head_revision()}
    assert database_revision(database) == head_revision()
    password = secrets.token_urlsafe()
    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute(
            sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(LOGIN), sql.Literal(password))
        )
    with psycopg.connect(make_conninfo(database, user=LOGIN, password=password)) as connection:
        connection.execute("SET ROLE foliolens_system")
        connection.execute("SELECT count(*) FROM users")


def test_a_wrong_password_is_a_failure_that_does_not_repeat_it(
    built: Path, database: str, tmp_path: Path
) -> None:
    wrong = {**owner_of(database), "password": "not-the-password"}

    with function("run", built, tmp_path, database) as run, pytest.raises(FunctionError) as failed:
        run.invoke({"owner": wrong})

    assert "not-the-password" not in json.dumps(failed.value.payload)
    assert "not-the-password" not in run.log.read_text()


class TestStart:
    """CloudFormation calls it; the second function stands behind Lambda's own API, which a test plays."""

    @pytest.fixture
    def secret(self, aws: str, database: str) -> str:
        name = f"owner-{secrets.token_hex(4)}"
        return clients.secrets().create_secret(Name=name, SecretString=json.dumps(owner_of(database)))["ARN"]

    @pytest.fixture
    def start(
        self, built: Path, aws: str, secret: str, database: str, tmp_path: Path
    ) -> Iterator[LambdaFunction]:
        folders = tmp_path / "start", tmp_path / "run"
        for folder in folders:
            folder.mkdir()
        with (
            function("run", built, folders[1], database) as run,
            invocations(run) as endpoint,
            function(
                "start",
                built,
                folders[0],
                database,
                **aws_environment(aws),
                AWS_ENDPOINT_URL_LAMBDA=endpoint,
                FOLIOLENS_AWS_MIGRATE_FUNCTION="migrate-run",
                FOLIOLENS_AWS_DATABASE_SECRET=secret,
            ) as started,
        ):
            yield started

    @pytest.mark.parametrize("request_type", ["Create", "Update"])
    def test_a_deployment_migrates(self, start: LambdaFunction, database: str, request_type: str) -> None:
        answer = start.invoke(custom_resource(request_type))

        assert answer == {
            "PhysicalResourceId": "foliolens-schema",
            "Data": {"Revision": head_revision()},
        }
        assert database_revision(database) == head_revision()

    def test_removing_the_stack_changes_nothing(self, start: LambdaFunction, database: str) -> None:
        assert start.invoke(custom_resource("Delete")) == {"PhysicalResourceId": "foliolens-schema"}
        assert database_revision(database) is None

    def test_a_migration_that_fails_fails_the_deployment_with_the_reason(
        self, start: LambdaFunction, database: str
    ) -> None:
        with psycopg.connect(database, autocommit=True) as owner:
            owner.execute("CREATE TABLE alembic_version (version_num text)")
            owner.execute("INSERT INTO alembic_version VALUES ('9999')")

        with pytest.raises(FunctionError, match=r"could not be migrated: .*revision 9999"):
            start.invoke(custom_resource("Update"))

    def test_the_password_is_in_no_log(self, start: LambdaFunction, database: str) -> None:
        start.invoke(custom_resource("Create"))

        assert owner_of(database)["password"] not in start.log.read_text()


def custom_resource(request_type: str) -> dict[str, Any]:
    return {
        "RequestType": request_type,
        "ResourceType": "AWS::CloudFormation::CustomResource",
        "RequestId": "a-request",
        "LogicalResourceId": "MigrationSchema",
        "ResourceProperties": {"Version": "1"},
        **({} if request_type == "Create" else {"PhysicalResourceId": "foliolens-schema"}),
    }


def test_an_owner_like_rdss_who_is_no_superuser_is_enough(built: Path, tmp_path: Path) -> None:
    """RDS gives nobody a superuser: its owner may make roles and databases, and hand on `rds_iam`."""
    with cluster() as superuser:
        parts, password = urlsplit(superuser), secrets.token_hex(8)
        with psycopg.connect(superuser, autocommit=True) as connection:
            for statement in (
                f"CREATE ROLE owner LOGIN CREATEROLE CREATEDB PASSWORD '{password}'",
                "CREATE ROLE rds_iam NOLOGIN",
                "GRANT rds_iam TO owner WITH ADMIN OPTION",
                "CREATE DATABASE fresh OWNER owner",
            ):
                connection.execute(statement)
        fresh = f"postgresql://{{}}:{password}@{parts.hostname}:{parts.port}/fresh"
        with function("run", built, tmp_path, fresh.format("owner")) as run:
            told = run.invoke({"owner": owner_of(fresh.format("owner"))})
        with psycopg.connect(superuser, autocommit=True) as connection:
            connection.execute(f"ALTER ROLE {LOGIN} PASSWORD '{password}'")
        opened = Database(fresh.format(LOGIN), pool_size=1)
        opened.open()
        try:
            with opened.system() as transaction:
                seen = transaction.execute("SELECT count(*) AS users FROM users").fetchone()
        finally:
            opened.close()

    assert told == {"revision": head_revision()}
    assert seen == {"users": 0}
