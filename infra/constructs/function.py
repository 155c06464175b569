"""One Lambda function as we run them: its role, its log, its alias, its canary."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct, IConstruct

from infra.config import Environment
from infra.constructs.findings import accept
from infra.constructs.network import Network

__all__ = ["Function", "Shape", "end_log_of_emptier", "end_log_of_helper", "log_retention"]

_ALIAS = "live"
_ENI_ACTIONS = [
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
]


@dataclass(frozen=True, slots=True)
class Shape:
    """What a function is given.

    Attributes:
        memory_mb: Memory; processor time comes in proportion (a core at 1,769 MB).
        timeout_seconds: How long one invocation may take.
        reserved: Most environments at once, where that protects what is behind it.
        provisioned: Environments that are kept warm.
    """

    memory_mb: int
    timeout_seconds: int
    reserved: int | None = None
    provisioned: int = 0


class Function(Construct):
    """A function with a role of its own, behind the alias `live`.

    Attributes:
        function: The function; grant to it.
        alias: What callers invoke.
        errors: The alarm that rolls a canary back; None for a function that only deployments call.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        code: lambda_.Code | lambda_.DockerImageCode,
        handler: str,
        shape: Shape,
        variables: Mapping[str, str],
        runtime: lambda_.Runtime,
        network: Network | None = None,
        serves: bool = True,
    ) -> None:
        super().__init__(scope, construct_id)
        log = logs.LogGroup(
            self,
            "Log",
            retention=log_retention(environment),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log.grant_write(role)
        if network is not None:
            self._allow_network(role)
        settings: dict[str, Any] = {
            "architecture": lambda_.Architecture.ARM_64,
            "memory_size": shape.memory_mb,
            "timeout": cdk.Duration.seconds(shape.timeout_seconds),
            "reserved_concurrent_executions": shape.reserved,
            "environment": {**variables, "POWERTOOLS_SERVICE_NAME": construct_id.lower()},
            "role": role,
            "log_group": log,
            "tracing": lambda_.Tracing.ACTIVE,
            "vpc": None if network is None else network.vpc,
            "vpc_subnets": None
            if network is None
            else ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            "security_groups": None if network is None else [network.functions],
        }
        self.function: lambda_.Function
        if isinstance(code, lambda_.DockerImageCode):
            self.function = lambda_.DockerImageFunction(self, "Function", code=code, **settings)
        else:
            # A snapshot and warm environments exclude each other.
            snapshot = (
                construct_id in environment.snap_start
                and not shape.provisioned
                and runtime.supports_snap_start
            )
            self.function = lambda_.Function(
                self,
                "Function",
                code=code,
                handler=handler,
                runtime=runtime,
                snap_start=lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS if snapshot else None,
                **settings,
            )
        self.alias = lambda_.Alias(
            self,
            "Alias",
            alias_name=_ALIAS,
            version=self.function.current_version,
            provisioned_concurrent_executions=shape.provisioned or None,
        )
        accept(
            self,
            {
                "AwsSolutions-IAM5[Resource::*]": "X-Ray's segments, and the network interfaces that Lambda"
                " attaches, are actions without a narrower resource.",
                "AwsSolutions-L1": "The runtime is the Python that the package was compiled and tested for.",
                "Serverless-LambdaLatestVersion": "The same.",
                "Serverless-LambdaDLQ": "Invoked synchronously, by an event source that has a queue for what"
                " fails, or by a rule, for which the alias has one.",
                "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/"
                "AWSCodeDeployRoleForLambdaLimited]": "CodeDeploy's own role: AWS maintains this policy with"
                " the service.",
            },
        )
        self.errors = self._watched(environment) if serves else None

    def _watched(self, environment: Environment) -> cloudwatch.Alarm:
        """The alarm of failed invocations, which takes a new version back."""
        errors = self.alias.metric_errors(period=cdk.Duration.minutes(1)).create_alarm(
            self,
            "Errors",
            threshold=1,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=f"{self.node.id}: invocations failed. See docs/runbook.md, 'Errors'.",
        )
        codedeploy.LambdaDeploymentGroup(
            self,
            "Deployment",
            alias=self.alias,
            deployment_config=codedeploy.LambdaDeploymentConfig.CANARY_10_PERCENT_5_MINUTES
            if environment.canary
            else codedeploy.LambdaDeploymentConfig.ALL_AT_ONCE,
            alarms=[errors],
        )
        return errors

    def _allow_network(self, role: iam.Role) -> None:
        role.add_to_policy(iam.PolicyStatement(actions=_ENI_ACTIONS, resources=["*"]))


def log_retention(environment: Environment) -> logs.RetentionDays:
    """How long logs are kept, in CloudWatch's terms."""
    return {
        7: logs.RetentionDays.ONE_WEEK,
        30: logs.RetentionDays.ONE_MONTH,
        90: logs.RetentionDays.THREE_MONTHS,
    }[environment.log_days]


def end_log_of_helper(helper: IConstruct, environment: Environment, function: str = "") -> None:
    """Give a function that CDK adds itself a log that ends, where it would make one that does not.

    Args:
        helper: CDK's construct.
        environment: Says when.
        function: The name of the function in it; empty for the construct's own resource.
    """
    log = logs.LogGroup(
        cast("Construct", helper),
        "Log",
        retention=log_retention(environment),
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
    resource = helper.node.find_child(function) if function else helper.node.default_child
    cast("cdk.CfnResource", resource).add_property_override("LoggingConfig.LogGroup", log.log_group_name)


def end_log_of_emptier(stack: cdk.Stack, environment: Environment) -> None:
    """The same for the function that empties the stack's buckets before they are removed, if there is one."""
    emptier = stack.node.try_find_child("Custom::S3AutoDeleteObjectsCustomResourceProvider")
    if emptier is not None:
        end_log_of_helper(emptier, environment, "Handler")
