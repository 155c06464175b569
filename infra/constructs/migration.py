"""The database's schema, brought up to date before a new version serves."""

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from aws_cdk import custom_resources as resources
from constructs import Construct

from infra.config import Environment
from infra.constructs.database import Database
from infra.constructs.findings import LAMBDA_LOGS_POLICY, accept, logical_id, wildcard
from infra.constructs.function import Function, log_retention

__all__ = ["Migration"]


class Migration(Construct):
    """Two functions of one package: `start`, outside the network, hands `run`, inside, the owner's password.

    The network has no way to Secrets Manager, and the owner cannot sign in by IAM before a migration ran. The
    password goes from the secret to the invocation, encrypted, and is written nowhere.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        starter: Function,
        runner: Function,
        database: Database,
        version: str,
    ) -> None:
        super().__init__(scope, construct_id)
        database.secret.grant_read(starter.function)
        runner.function.grant_invoke(starter.function)
        provider = resources.Provider(
            self,
            "Provider",
            on_event_handler=starter.function,
            log_group=logs.LogGroup(
                self,
                "ProviderLog",
                retention=log_retention(environment),
                removal_policy=cdk.RemovalPolicy.DESTROY,
            ),
        )
        self.resource = cdk.CustomResource(
            self,
            "Schema",
            service_token=provider.service_token,
            # Another version of the code is what makes CloudFormation call the functions again.
            properties={"Version": version},
        )
        accept(
            self,
            {
                LAMBDA_LOGS_POLICY: "The framework function of CDK's provider, as CDK makes it.",
                wildcard(
                    "Resource", f"<{logical_id(starter.function)}.Arn>:*"
                ): "Every version of the one function.",
                "AwsSolutions-L1": "CDK chooses the runtime of its own functions.",
                "Serverless-LambdaLatestVersion": "The same.",
                "Serverless-LambdaDefaultMemorySize": "The same.",
                "Serverless-LambdaTracing": "The same.",
                "Serverless-LambdaDLQ": "Invoked by CloudFormation, which reports the failure itself.",
            },
        )
        accept(
            starter,
            {
                wildcard(
                    "Resource", f"<{logical_id(runner.function)}.Arn>:*"
                ): "Every version of the one function."
            },
        )
        self.resource.node.add_dependency(database)
