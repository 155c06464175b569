"""Backups beyond the database's own: daily, in a vault, kept five weeks."""

from aws_cdk import aws_backup as backup
from constructs import Construct

from infra.constructs.database import Database
from infra.constructs.findings import accept

__all__ = ["Backup"]


class Backup(Construct):
    """A plan that takes the database each night."""

    def __init__(self, scope: Construct, construct_id: str, *, database: Database) -> None:
        super().__init__(scope, construct_id)
        plan = backup.BackupPlan.daily35_day_retention(self, "Plan")
        plan.add_selection("Database", resources=[backup.BackupResource.from_construct(database)])
        accept(
            self,
            {
                "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/"
                "AWSBackupServiceRolePolicyForBackup]": "AWS Backup's own role: AWS maintains this policy"
                " with the service."
            },
        )
