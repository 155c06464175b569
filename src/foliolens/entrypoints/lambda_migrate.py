"""The two functions that bring the database's schema up to date when a version is deployed.

`start` is called by CloudFormation; it reads the owner's password, which it alone may, and hands it to `run`,
which lies in the database's network. The password is written nowhere.
"""

import json
import logging
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from foliolens.adapters.aws import clients
from foliolens.adapters.aws.rds import AUTHORITIES
from foliolens.kit.logging import configure_logging
from foliolens.kit.migrations import migrate
from foliolens.settings import AwsDatabaseSettings, AwsMigrationSettings, DatabaseSettings

__all__ = ["run", "start"]

_log = logging.getLogger(__name__)
_SCHEMA = "foliolens-schema"
"""The resource's name to CloudFormation: always the same, so that an update replaces nothing."""

configure_logging("json")


def start(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer CloudFormation: the schema is there for this version, and stays when the stack goes.

    Raises:
        RuntimeError: It could not be brought up to date; CloudFormation then takes the version back.
    """
    if event["RequestType"] == "Delete":
        return {"PhysicalResourceId": _SCHEMA}
    settings = AwsMigrationSettings.read()
    secret = clients.secrets().get_secret_value(SecretId=settings.database_secret)["SecretString"]
    answer = clients.functions().invoke(
        FunctionName=settings.migrate_function, Payload=json.dumps({"owner": json.loads(secret)}).encode()
    )
    told = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise RuntimeError(f"the database could not be migrated: {told.get('errorMessage')}")
    _log.info("the schema is at revision %s", told["revision"])
    return {"PhysicalResourceId": _SCHEMA, "Data": {"Revision": told["revision"]}}


def run(event: dict[str, Any], _context: object) -> dict[str, str]:
    """Migrate, and let the functions' login in.

    Args:
        event: The owner's `username` and `password`, as the secret holds them.
    """
    address = _address(event["owner"])
    revision = migrate(address)
    _let_in(address, AwsDatabaseSettings.read().database_login)
    return {"revision": revision}


def _address(owner: dict[str, str]) -> str:
    credentials = {"user": owner["username"], "password": owner["password"]}
    stated = DatabaseSettings.read().database_url
    if stated is not None:
        return make_conninfo(stated, **credentials)
    settings = AwsDatabaseSettings.read()
    return make_conninfo(
        host=settings.database_host,
        port=settings.database_port,
        dbname=settings.database_name,
        sslmode="verify-full",
        sslrootcert=str(AUTHORITIES),
        **credentials,
    )


def _let_in(address: str, login: str) -> None:
    """The role that functions sign in as by IAM: it owns nothing, and may become the application's two."""
    name = sql.Identifier(login)
    with psycopg.connect(address) as connection:
        known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
        if login not in known:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN NOINHERIT").format(name))
        roles = ["foliolens_app", "foliolens_system"]
        if "rds_iam" in known:  # RDS's own; there is none elsewhere
            roles.append("rds_iam")
        for role in roles:
            connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), name))
