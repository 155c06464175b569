"""Accepted findings of cdk-nag: each with its written reason, next to what it is about."""

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import Resource
from constructs import IConstruct

__all__ = ["LAMBDA_LOGS_POLICY", "accept", "logical_id", "wildcard"]

LAMBDA_LOGS_POLICY = (
    "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]"
)
"""The finding of a function that CDK makes itself: its role has AWS's policy for writing logs."""


def wildcard(kind: str, what: str) -> str:
    """The name of a finding about a wildcard: of an `Action` or of a `Resource`."""
    return f"AwsSolutions-IAM5[{kind}::{what}]"


def accept(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """Acknowledge findings on a construct and everything below it.

    Args:
        construct: What they are about.
        reasons: By finding, as in `AwsSolutions-IAM5[Resource::*]`; why it is right as it is.
    """
    cdk.Validations.of(construct).acknowledge(
        *(cdk.Acknowledgment(id=finding, reason=reason) for finding, reason in reasons.items())
    )


def logical_id(resource: Resource) -> str:
    """The name of a construct's resource in its template, as findings about it use it."""
    element = resource.node.default_child
    if not isinstance(element, cdk.CfnElement):
        raise TypeError(f"{resource.node.path} has no resource of its own")
    return str(cdk.Stack.of(resource).get_logical_id(element))
