"""What must outlive a deployment: the network, the database, files, accounts."""

import aws_cdk as cdk
from constructs import Construct

from infra.config import Environment
from infra.constructs.backup import Backup
from infra.constructs.database import Database
from infra.constructs.findings import LAMBDA_LOGS_POLICY, accept, wildcard
from infra.constructs.function import log_retention
from infra.constructs.identity import Identity
from infra.constructs.network import Network
from infra.constructs.storage import Storage
from infra.constructs.table import Table

__all__ = ["DataStack"]


class DataStack(cdk.Stack):
    """The stack with state; everything else can be made anew."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        super().__init__(
            scope, construct_id, termination_protection=environment.protected, description="FolioLens: data"
        )
        self.network = Network(self, "Network", log_days=log_retention(environment))
        self.database = Database(self, "Database", environment=environment, network=self.network)
        # A signed form is needed to put anything there, from whatever page: the origin is no defence.
        self.storage = Storage(
            self, "Storage", environment=environment, origins=list(environment.web_origins) or ["*"]
        )
        self.table = Table(self, "Table", environment=environment)
        self.identity = Identity(
            self,
            "Identity",
            environment=environment,
            web_urls=list(environment.web_origins) or ["https://localhost"],
        )
        accept(
            self.node.find_child("BucketNotificationsHandler050a0587b7544547bf325f094a3db834"),
            {
                LAMBDA_LOGS_POLICY: "CDK's own function, which sets the bucket's notification.",
                wildcard("Resource", "*"): "The same.",
                "AwsSolutions-L1": "The same.",
            },
        )
        # What `foliolens admin dead-letters` is to be told.
        cdk.CfnOutput(self, "Bucket", value=self.storage.bucket.bucket_name)
        cdk.CfnOutput(self, "Queue", value=self.storage.queue.queue_url)
        cdk.CfnOutput(self, "DeadLetters", value=self.storage.dead_letters.queue_url)
        if environment.protected:
            Backup(self, "Backup", database=self.database)
