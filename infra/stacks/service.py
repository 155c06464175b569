"""What serves: functions, gateway, web app, and the eyes on them."""

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from foliolens.adapters.aws.streamed_jobs import WANTED
from infra.assets import Assets
from infra.config import Environment
from infra.constructs.api import Api
from infra.constructs.database import DATABASE_NAME, LOGIN
from infra.constructs.findings import LAMBDA_LOGS_POLICY, accept, wildcard
from infra.constructs.firewall import VIEWER_ADDRESS, Firewall
from infra.constructs.frontend import Frontend
from infra.constructs.function import Function, Shape, end_log_of_emptier
from infra.constructs.migration import Migration
from infra.constructs.monitoring import Monitoring, namespace
from infra.constructs.storage import UPLOAD_TIMEOUT
from infra.permissions import OBJECT_ACTIONS, TABLE_ACTIONS
from infra.stacks.data import DataStack

__all__ = ["ServiceStack"]

_UPLOADS_EXPORT = "ExportsOutputFnGetAttStorageUploadsBDC5E374Arn3C5FAEFB"
"""What CDK calls the bucket's name between the stacks, in the findings about it."""
_COPIER_ACTIONS = ("GetObject", "GetBucket", "List", "DeleteObject", "Abort")
_NEW_JOB = {"eventName": ["INSERT"], "dynamodb": {"Keys": {"pk": {"S": [{"prefix": WANTED}]}}}}
"""Of the table's stream: items that ask `market` for something."""
_REPETITIONS = 2  # of an event that failed: then it is lost, and an alarm tells
_JOBS_AT_ONCE = 5  # of each shard: the jobs that a portfolio of fifty symbols asks for


class ServiceStack(cdk.Stack):
    """The stack without state."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        data: DataStack,
        assets: Assets,
    ) -> None:
        super().__init__(scope, construct_id, description="FolioLens: service")
        self._environment = environment
        self._data = data
        self._assets = assets
        self._origin_secret = self._made_origin_secret()
        self._device_key = self._parameter("device-key")
        self._provider_keys = self._parameter("provider-keys")
        functions = self._functions()
        self._permissions(functions)
        lost = self._events(functions)
        self.functions = functions
        self.api = Api(
            self,
            "Http",
            environment=environment,
            origin_secret=self._origin_secret,
            pool=data.identity.pool,
            api=functions["Api"].alias,
            auth=functions["Auth"].alias,
            market=functions["Market"].alias,
            sentiment=functions["Sentiment"].alias,
            predict=functions["Predict"].alias,
        )
        if environment.firewall:
            Firewall(self, "Firewall", stage=self.api.api.deployment_stage, origin_secret=self._origin_secret)
        frontend = Frontend(
            self,
            "Frontend",
            environment=environment,
            api=self.api.api,
            origin_secret=self._origin_secret,
            uploads=data.storage.bucket,
            logs=data.storage.access_logs,
            files=assets.web,
        )
        Monitoring(
            self,
            "Monitoring",
            environment=environment,
            functions=functions,
            api=self.api.api,
            database=data.database,
            queue=data.storage.queue,
            dead_letters=data.storage.dead_letters,
            lost_events=lost,
        )
        self._accept_findings(frontend.bucket_id)
        end_log_of_emptier(self, environment)
        cdk.CfnOutput(self, "Url", value=f"https://{frontend.distribution.domain_name}")
        # The gateway's own address leads nowhere: it asks for what the distribution adds.
        cdk.CfnOutput(self, "ApiUrl", value=f"https://{frontend.distribution.domain_name}/v1/")

    def _made_origin_secret(self) -> secretsmanager.Secret:
        secret = secretsmanager.Secret(
            self,
            "OriginSecret",
            description="What the distribution of FolioLens adds to requests, and the gateway asks for",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                password_length=64, exclude_punctuation=True
            ),
        )
        accept(
            secret,
            {
                "AwsSolutions-SMG4": "The distribution and the gateway learn it from a deployment: it changes"
                " with one."
            },
        )
        return secret

    def _parameter(self, name: str) -> str:
        """The name of a secret in Parameter Store: CloudFormation makes none, people and functions do."""
        return f"/foliolens/{self._environment.name}/{name}"

    def _allow_parameter(self, function: Function, name: str, *actions: str) -> None:
        arn = self.format_arn(service="ssm", resource="parameter", resource_name=name.removeprefix("/"))
        allowed = [f"ssm:{action}" for action in actions]
        function.function.add_to_role_policy(iam.PolicyStatement(actions=allowed, resources=[arn]))

    def _accept_findings(self, files: str) -> None:
        """Of the one function CDK adds to the stack itself, which copies the web app's files."""
        copier = self.node.find_child("Custom::CDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C")
        accept(
            copier,
            {
                LAMBDA_LOGS_POLICY: "CDK's own function, as CDK makes it.",
                **dict.fromkeys(
                    (
                        *(wildcard("Action", f"s3:{action}*") for action in _COPIER_ACTIONS),
                        wildcard("Resource", "*"),
                        wildcard("Resource", f"<{files}.Arn>/*"),
                        wildcard(
                            "Resource",
                            "arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/*",
                        ),
                    ),
                    "It reads CDK's bucket of assets, writes the web app's and clears caches.",
                ),
                "AwsSolutions-L1": "CDK chooses the runtime of its own functions.",
                "Serverless-LambdaLatestVersion": "The same.",
                "Serverless-LambdaTracing": "The same.",
                "Serverless-LambdaDLQ": "Invoked by CloudFormation, which reports the failure itself.",
            },
        )

    def _functions(self) -> dict[str, Function]:
        database = self._data.database
        common = {
            "FOLIOLENS_MODE": "aws",
            "FOLIOLENS_LOG_FORMAT": "json",
            "FOLIOLENS_AWS_TABLE": self._data.table.table.table_name,
            "FOLIOLENS_AWS_METRICS_NAMESPACE": namespace(self._environment),
            "FOLIOLENS_AWS_VIEWER_ADDRESS_HEADER": VIEWER_ADDRESS,
        }
        accounts = {
            "FOLIOLENS_AWS_USER_POOL_ID": self._data.identity.pool.user_pool_id,
            "FOLIOLENS_AWS_USER_POOL_CLIENT_ID": self._data.identity.client.user_pool_client_id,
        }
        relational = {
            "FOLIOLENS_AWS_DATABASE_HOST": database.host,
            "FOLIOLENS_AWS_DATABASE_PORT": database.port,
            "FOLIOLENS_AWS_DATABASE_NAME": DATABASE_NAME,
            "FOLIOLENS_AWS_DATABASE_LOGIN": LOGIN,
            "FOLIOLENS_AWS_BUCKET": self._data.storage.bucket.bucket_name,
        }
        # What the database bears: its connections are few, and each environment holds one.
        api = self._function(
            "Api", Shape(1024, 29, reserved=40), common | accounts | relational, private=True
        )
        functions = {
            "Api": api,
            "Auth": self._function(
                "Auth",
                Shape(512, 29),  # a deletion waits for the function `api`
                common
                | accounts
                | {
                    "FOLIOLENS_AWS_API_FUNCTION": api.alias.function_arn,
                    "FOLIOLENS_AWS_DEVICE_PARAMETER": self._device_key,
                },
            ),
            "Predict": self._function(
                "Predict",
                Shape(1024, 15),
                common | _stated("FOLIOLENS_PREDICTION_ROLLOUT", self._environment.prediction_rollout),
            ),
            "Sentiment": self._function(
                "Sentiment",
                Shape(2048, 29, provisioned=self._environment.sentiment_provisioned),
                common | _stated("FOLIOLENS_SENTIMENT_ROLLOUT", self._environment.sentiment_rollout),
            ),
            "Uploads": self._function(
                "Uploads",
                Shape(1024, int(UPLOAD_TIMEOUT.to_seconds()), reserved=10),
                common | relational,
                private=True,
            ),
            "Schedule": self._function("Schedule", Shape(512, 300), common | relational, private=True),
        }
        functions["Market"] = self._function(
            "Market",
            Shape(1024, 300),  # for jobs; whoever waits for an answer is told after seconds
            common
            | {
                "FOLIOLENS_AWS_PROVIDER_PARAMETER": self._provider_keys,
                "FOLIOLENS_AWS_SENTIMENT_FUNCTION": functions["Sentiment"].alias.function_arn,
            },
        )
        self._migration(common | relational, functions)
        return functions

    def _function(
        self, name: str, shape: Shape, variables: dict[str, str], *, private: bool = False
    ) -> Function:
        as_image = name == "Sentiment" and self._environment.sentiment_image
        return Function(
            self,
            name,
            environment=self._environment,
            code=self._assets.image() if as_image else self._assets.code(name.lower()),
            handler=f"foliolens.entrypoints.lambda_{name.lower()}.handler",
            shape=shape,
            variables=variables,
            runtime=self._assets.runtime,
            network=self._data.network if private else None,
        )

    def _migration(self, variables: dict[str, str], functions: dict[str, Function]) -> None:
        secret = self._data.database.secret

        def part(name: str, handler: str, more: dict[str, str], *, private: bool) -> Function:
            return Function(
                self,
                name,
                environment=self._environment,
                code=self._assets.code("migrate"),
                handler=f"foliolens.entrypoints.lambda_migrate.{handler}",
                shape=Shape(512, 300),
                variables=variables | more,
                runtime=self._assets.runtime,
                network=self._data.network if private else None,
                serves=False,  # a deployment calls it, and fails with it
            )

        runner = part("MigrateRun", "run", {}, private=True)
        starter = part(
            "MigrateStart",
            "start",
            {
                "FOLIOLENS_AWS_MIGRATE_FUNCTION": runner.function.function_arn,
                "FOLIOLENS_AWS_DATABASE_SECRET": secret.secret_arn,
            },
            private=False,
        )
        migration = Migration(
            self,
            "Migration",
            environment=self._environment,
            starter=starter,
            runner=runner,
            database=self._data.database,
            version=self._assets.version,
        )
        # No version of ours serves before the schema it expects is there.
        for function in functions.values():
            function.alias.node.add_dependency(migration.resource)
        functions |= {"MigrateStart": starter, "MigrateRun": runner}

    def _permissions(self, functions: dict[str, Function]) -> None:
        """Each function may do what it does, and no more."""
        data = self._data
        for name in ("Api", "Uploads", "Schedule"):
            data.database.allow_sign_in(functions[name].function)
        table = data.table.table
        for name, objects in OBJECT_ACTIONS.items():
            self._allow_objects(functions[name], objects)
        for name, actions in TABLE_ACTIONS.items():
            table.grant(functions[name].function, *(f"dynamodb:{action}" for action in actions))
        # The key of AWS's own, which these are encrypted with, takes whoever Parameter Store takes.
        self._allow_parameter(functions["Market"], self._provider_keys, "GetParameter")
        self._allow_parameter(functions["Auth"], self._device_key, "GetParameter", "PutParameter")
        functions["Api"].alias.grant_invoke(functions["Auth"].function)
        functions["Sentiment"].alias.grant_invoke(functions["Market"].function)
        data.identity.pool.grant(
            functions["Auth"].function,
            "cognito-idp:AdminInitiateAuth",
            "cognito-idp:AdminRespondToAuthChallenge",
            "cognito-idp:AdminGetUser",
            "cognito-idp:AdminUpdateUserAttributes",
            "cognito-idp:AdminUserGlobalSignOut",
            "cognito-idp:AdminDeleteUser",
        )

    def _allow_objects(self, function: Function, by_key: Mapping[str, tuple[str, ...]]) -> None:
        """Let a function do what it does with objects of such keys, and see whether one is there."""
        bucket = self._data.storage.bucket
        function.function.add_to_role_policy(
            iam.PolicyStatement(actions=["s3:ListBucket"], resources=[bucket.bucket_arn])
        )
        for keys, actions in by_key.items():
            function.function.add_to_role_policy(
                iam.PolicyStatement(
                    actions=[f"s3:{action}" for action in actions], resources=[bucket.arn_for_objects(keys)]
                )
            )
            accept(
                function,
                {
                    wildcard(
                        "Resource", f"{self._data.stack_name}:{_UPLOADS_EXPORT}/{keys}"
                    ): "Objects are told apart by their keys: the function needs them all."
                },
            )

    def _events(self, functions: dict[str, Function]) -> sqs.Queue:
        """What wakes functions beside the gateway; the queue where events end that nobody could deal with."""
        data = self._data
        lost = sqs.Queue(
            self,
            "LostEvents",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=cdk.Duration.days(14),
        )
        accept(
            lost,
            {
                "Serverless-SQSRedrivePolicy": "It is where failed events end.",
                "AwsSolutions-SQS3": "It is a dead-letter queue itself.",
            },
        )
        functions["Uploads"].alias.add_event_source(
            sources.SqsEventSource(data.storage.queue, batch_size=5, report_batch_item_failures=True)
        )
        accept(
            functions["Uploads"],
            {
                "Serverless-LambdaEventSourceMappingDestination": "The queue's own redrive policy is the"
                " destination of what fails."
            },
        )
        functions["Market"].alias.add_event_source(
            sources.DynamoEventSource(
                data.table.table,
                starting_position=lambda_.StartingPosition.TRIM_HORIZON,
                filters=[lambda_.FilterCriteria.filter(_NEW_JOB)],
                batch_size=1,
                parallelization_factor=_JOBS_AT_ONCE,
                retry_attempts=_REPETITIONS,
                report_batch_item_failures=True,
                on_failure=sources.SqsDlq(lost),
            )
        )
        # A rule hands its event over and is done: what fails then is Lambda's to repeat, and to tell.
        functions["Schedule"].alias.configure_async_invoke(
            retry_attempts=_REPETITIONS, on_failure=destinations.SqsDestination(lost)
        )
        every_five_minutes = events.Schedule.rate(cdk.Duration.minutes(5))
        for name, schedule, task in (
            ("EveryFiveMinutes", every_five_minutes, "clean"),
            ("RefreshPrices", every_five_minutes, "refresh_prices"),
            ("EveryNight", events.Schedule.cron(hour="0", minute="30"), "forget_prices"),
        ):
            events.Rule(
                self,
                name,
                schedule=schedule,
                targets=[
                    targets.LambdaFunction(
                        functions["Schedule"].alias,
                        event=events.RuleTargetInput.from_object({"task": task}),
                        retry_attempts=_REPETITIONS,
                        dead_letter_queue=lost,
                    )
                ],
            )
        return lost


def _stated(variable: str, value: str | None) -> dict[str, str]:
    """A variable, where there is a value for it."""
    return {} if value is None else {variable: value}
