"""Uploaded files, and how their arrival becomes a message."""

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_notifications as notifications
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from foliolens.adapters.aws.dead_letters import REASONS
from infra.config import Environment
from infra.constructs.findings import accept

__all__ = ["UPLOAD_TIMEOUT", "Storage"]

UPLOAD_TIMEOUT = cdk.Duration.seconds(60)
"""How long the function may work on one batch of uploads."""

_DELIVERIES = 5
_DEAD_LETTER_DAYS = 14


class Storage(Construct):
    """The bucket of uploads, its queue, and the dead letters behind it.

    Attributes:
        bucket: Files under `uploads/`, gone after a week: what was imported is in the database. Why messages
            were given up is under `dead-letters/`.
        queue: Told of each new file.
        dead_letters: Messages given up after five deliveries, kept two weeks.
    """

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        super().__init__(scope, construct_id)
        access_logs = s3.Bucket(
            self,
            "AccessLogs",
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_PREFERRED,
            lifecycle_rules=[s3.LifecycleRule(expiration=cdk.Duration.days(90))],
            removal_policy=_removal(environment),
            auto_delete_objects=not environment.protected,
        )
        self.access_logs = access_logs
        self.bucket = s3.Bucket(
            self,
            "Uploads",
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            server_access_logs_bucket=access_logs,
            server_access_logs_prefix="uploads/",
            lifecycle_rules=[
                s3.LifecycleRule(
                    prefix="uploads/",
                    expiration=cdk.Duration.days(7),
                    abort_incomplete_multipart_upload_after=cdk.Duration.days(1),
                ),
                s3.LifecycleRule(prefix=REASONS, expiration=cdk.Duration.days(_DEAD_LETTER_DAYS)),
            ],
            cors=[
                # A signed form is needed to put anything there, from whatever page: the origin is no defence.
                s3.CorsRule(
                    allowed_methods=[s3.HttpMethods.POST],
                    allowed_origins=["*"],
                    allowed_headers=["content-type"],
                    max_age=3600,
                )
            ],
            removal_policy=_removal(environment),
            auto_delete_objects=not environment.protected,
        )
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=cdk.Duration.days(_DEAD_LETTER_DAYS),
        )
        self.queue = sqs.Queue(
            self,
            "Arrivals",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            # Six times the function's timeout, as AWS advises for event sources.
            visibility_timeout=cdk.Duration.seconds(6 * int(UPLOAD_TIMEOUT.to_seconds())),
            retention_period=cdk.Duration.days(4),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=_DELIVERIES),
        )
        accept(self.dead_letters, {"Serverless-SQSRedrivePolicy": "It is where the redrive policy ends."})
        self.bucket.add_event_notification(
            s3.EventType.OBJECT_CREATED,
            notifications.SqsDestination(self.queue),
            s3.NotificationKeyFilter(prefix="uploads/", suffix=".csv"),
        )


def _removal(environment: Environment) -> cdk.RemovalPolicy:
    return cdk.RemovalPolicy.RETAIN if environment.protected else cdk.RemovalPolicy.DESTROY
