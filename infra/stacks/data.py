"""What must outlive a deployment: the network, the database, files, accounts."""

import aws_cdk as cdk
from constructs import Construct

from infra.config import Environment
from infra.constructs.backup import Backup
from infra.constructs.database import Database
from infra.constructs.findings import LAMBDA_LOGS_POLICY, accept, wildcard
from infra.constructs.function import end_log_of_emptier, end_log_of_helper, log_retention
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
        self._environment = environment
        self.network = Network(self, "Network", log_days=log_retention(environment))
        self.database = Database(self, "Database", environment=environment, network=self.network)
        self.storage = Storage(self, "Storage", environment=environment)
        self.table = Table(self, "Table", environment=environment)
        self.identity = Identity(
            self,
            "Identity",
            environment=environment,
            web_urls=list(environment.web_origins) or ["https://localhost"],
        )
        self._helper(
            "BucketNotificationsHandler050a0587b7544547bf325f094a3db834", "sets the bucket's notification"
        )
        self._helper("LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a", "lets the database's log end")
        end_log_of_emptier(self, environment)
        # What `foliolens admin dead-letters` is to be told.
        cdk.CfnOutput(self, "Bucket", value=self.storage.bucket.bucket_name)
        cdk.CfnOutput(self, "Queue", value=self.storage.queue.queue_url)
        cdk.CfnOutput(self, "DeadLetters", value=self.storage.dead_letters.queue_url)
        if environment.protected:
            Backup(self, "Backup", database=self.database)

    def _helper(self, name: str, what: str) -> None:
        """A function that CDK adds to the stack itself: it has a log that ends, and findings of CDK's."""
        helper = self.node.find_child(name)
        end_log_of_helper(helper, self._environment)
        accept(
            helper,
            {
                LAMBDA_LOGS_POLICY: f"CDK's own function, which {what}.",
                wildcard("Resource", "*"): "The same.",
                "AwsSolutions-L1": "The same.",
            },
        )
