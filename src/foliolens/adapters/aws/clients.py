"""The AWS clients of one process: made at first use, then kept.

They are botocore's: boto3 would add its resources and transfers, which nothing here uses, to each cold start.
"""

from functools import cache
from typing import TYPE_CHECKING, Any, Literal, cast

from foliolens.errors import ServiceUnavailable

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from botocore.session import Session
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_rds import RDSClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient

__all__ = [
    "cognito",
    "disconnect",
    "dynamodb",
    "forget",
    "functions",
    "parameters",
    "rds",
    "s3",
    "secrets",
    "sqs",
    "unreachable",
]

_CONNECT_SECONDS = 1.0
_READ_SECONDS = 3.0
_ATTEMPTS = 3
_FUNCTION_SECONDS = 300.0

_made: "list[BaseClient]" = []


@cache
def _session() -> "Session":
    """What all clients share, so that regions and endpoints are read once."""
    from botocore.session import Session  # noqa: PLC0415 - costly, and some functions never need it

    return Session()


@cache
def _client(
    service: str,
    signature_version: str | None = None,
    addressing_style: Literal["virtual"] | None = None,
    read_seconds: float = _READ_SECONDS,
    attempts: int = _ATTEMPTS,
) -> Any:
    """A client with bounded waits; region, credentials and endpoint come from the environment."""
    from botocore.config import Config  # noqa: PLC0415

    client = _session().create_client(
        service,
        config=Config(
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=read_seconds,
            retries={"mode": "standard", "total_max_attempts": attempts},
            signature_version=signature_version,
            s3=None if addressing_style is None else {"addressing_style": addressing_style},
        ),
    )
    _made.append(client)
    return client


def s3() -> "S3Client":
    """Amazon S3, with signatures that every region accepts, and at the bucket's own address in its region.

    Signed forms would else name an address that is of no region: pages may not send there, and S3 redirects.
    """
    return cast("S3Client", _client("s3", signature_version="s3v4", addressing_style="virtual"))


def sqs() -> "SQSClient":
    """Amazon SQS."""
    return cast("SQSClient", _client("sqs"))


@cache
def dynamodb() -> "DynamoDBClient":
    """Amazon DynamoDB; whoever asks it while it does not answer learns `ServiceUnavailable`, after 5 s."""
    client = cast("DynamoDBClient", _client("dynamodb", read_seconds=1.5, attempts=2))
    client.meta.events.register("after-call-error.dynamodb", _say_unavailable)
    return client


def _say_unavailable(exception: Exception, **_of_the_call: object) -> None:
    if isinstance(exception, unreachable()):
        raise ServiceUnavailable from exception


def rds() -> "RDSClient":
    """Amazon RDS, for the tokens that sign in to a database."""
    return cast("RDSClient", _client("rds"))


def cognito() -> "CognitoIdentityProviderClient":
    """Amazon Cognito user pools."""
    return cast("CognitoIdentityProviderClient", _client("cognito-idp"))


def parameters() -> "SSMClient":
    """The Parameter Store of AWS Systems Manager."""
    return cast("SSMClient", _client("ssm"))


def secrets() -> "SecretsManagerClient":
    """AWS Secrets Manager."""
    return cast("SecretsManagerClient", _client("secretsmanager"))


def functions() -> "LambdaClient":
    """AWS Lambda, for functions that call each other and wait: a migration may take minutes."""
    return cast("LambdaClient", _client("lambda", read_seconds=_FUNCTION_SECONDS, attempts=1))


def unreachable() -> type[Exception]:
    """What is raised where a service does not answer at all."""
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415

    return BotoCoreError


def disconnect() -> None:
    """Close the clients' connections; they open others when they are used again."""
    for client in _made:
        client.close()


def forget() -> None:
    """Drop the clients, after the environment they were made from changed."""
    dynamodb.cache_clear()
    _client.cache_clear()
    _session.cache_clear()
    _made.clear()
