"""The DynamoDB table of what has no place in PostgreSQL: caches, counters, prices, orders of prices."""

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from infra.config import Environment
from infra.constructs.findings import accept

__all__ = ["Table"]


class Table(Construct):
    """One table, paid by request; everything in it can be fetched or counted anew.

    Keys are `pk` and `sk`; `expires` is the time to live in seconds since 1970. The stream tells the keys of
    what changes, to whoever works on the jobs among it.

    Attributes:
        table: The table.
    """

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        super().__init__(scope, construct_id)
        self.table = dynamodb.Table(
            self,
            "Table",
            partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="sk", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.AWS_MANAGED,
            time_to_live_attribute="expires",
            stream=dynamodb.StreamViewType.KEYS_ONLY,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=environment.protected
            ),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        if not environment.protected:
            accept(
                self,
                {"AwsSolutions-DDB3": "Caches, counters and fetched prices: nothing to bring back."},
            )
