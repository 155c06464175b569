"""The web application firewall in front of the API.

It counts by the address that our distribution states of a caller: the one that the gateway sees is one of
CloudFront's, which thousands come through. What did not come through the distribution could state any
address, so it is not counted; the gateway refuses it, once the firewall has let it pass.
"""

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

from infra.constructs.api import ORIGIN_SECRET

__all__ = ["VIEWER_ADDRESS", "Firewall"]

VIEWER_ADDRESS = "x-viewer-address"
"""The header in which our distribution states the caller's address."""

_ANONYMOUS_A_MINUTE = 100
_ANYBODY_A_MINUTE = 1000
_MINUTE = 60
_AS_IT_IS = wafv2.CfnWebACL.TextTransformationProperty(priority=0, type="NONE")


class Firewall(Construct):
    """A hundred a minute for each address without a token, a thousand for each; AWS's rules."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: apigateway.Stage,
        origin_secret: secretsmanager.ISecret,
    ) -> None:
        super().__init__(scope, construct_id)
        ours = _through_our_distribution(origin_secret)
        anonymous = wafv2.CfnWebACL.StatementProperty(
            and_statement=wafv2.CfnWebACL.AndStatementProperty(statements=[ours, _without_token()])
        )
        acl = wafv2.CfnWebACL(
            self,
            "Rules",
            scope="REGIONAL",
            default_action=wafv2.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_visibility("foliolens"),
            custom_response_bodies={
                "slower": wafv2.CfnWebACL.CustomResponseBodyProperty(
                    content_type="APPLICATION_JSON",
                    content='{"error":"RATE_LIMITED","message":"Too many requests: try again in a minute.",'
                    '"requestId":"firewall"}',
                ),
            },
            rules=[
                _rate("anonymous", 1, _ANONYMOUS_A_MINUTE, anonymous),
                # A token that nobody has checked yet is enough not to be anonymous here.
                _rate("anybody", 2, _ANYBODY_A_MINUTE, ours),
                # Bodies may be 1 MiB by contract: that one rule only counts.
                _managed("AWSManagedRulesCommonRuleSet", 3, counted=("SizeRestrictions_BODY",)),
                _managed("AWSManagedRulesKnownBadInputsRuleSet", 4),
            ],
        )
        wafv2.CfnWebACLAssociation(self, "Attached", resource_arn=stage.stage_arn, web_acl_arn=acl.attr_arn)
        self.acl = acl


def _through_our_distribution(origin_secret: secretsmanager.ISecret) -> wafv2.CfnWebACL.StatementProperty:
    return wafv2.CfnWebACL.StatementProperty(
        byte_match_statement=wafv2.CfnWebACL.ByteMatchStatementProperty(
            field_to_match=wafv2.CfnWebACL.FieldToMatchProperty(
                single_header={"Name": ORIGIN_SECRET.lower()}
            ),
            positional_constraint="EXACTLY",
            search_string=origin_secret.secret_value.unsafe_unwrap(),  # its name: CloudFormation looks it up
            text_transformations=[_AS_IT_IS],
        )
    )


def _without_token() -> wafv2.CfnWebACL.StatementProperty:
    with_token = wafv2.CfnWebACL.StatementProperty(
        size_constraint_statement=wafv2.CfnWebACL.SizeConstraintStatementProperty(
            field_to_match=wafv2.CfnWebACL.FieldToMatchProperty(single_header={"Name": "authorization"}),
            comparison_operator="GT",
            size=0,
            text_transformations=[_AS_IT_IS],
        )
    )
    return wafv2.CfnWebACL.StatementProperty(
        not_statement=wafv2.CfnWebACL.NotStatementProperty(statement=with_token)
    )


def _rate(
    name: str, priority: int, limit: int, counted: wafv2.CfnWebACL.StatementProperty
) -> wafv2.CfnWebACL.RuleProperty:
    return wafv2.CfnWebACL.RuleProperty(
        name=name,
        priority=priority,
        statement=wafv2.CfnWebACL.StatementProperty(
            rate_based_statement=wafv2.CfnWebACL.RateBasedStatementProperty(
                aggregate_key_type="FORWARDED_IP",
                forwarded_ip_config=wafv2.CfnWebACL.ForwardedIPConfigurationProperty(
                    header_name=VIEWER_ADDRESS, fallback_behavior="MATCH"
                ),
                evaluation_window_sec=_MINUTE,
                limit=limit,
                scope_down_statement=counted,
            )
        ),
        action=wafv2.CfnWebACL.RuleActionProperty(
            block=wafv2.CfnWebACL.BlockActionProperty(
                custom_response=wafv2.CfnWebACL.CustomResponseProperty(
                    response_code=429,
                    custom_response_body_key="slower",
                    response_headers=[
                        wafv2.CfnWebACL.CustomHTTPHeaderProperty(name="Retry-After", value=str(_MINUTE))
                    ],
                )
            )
        ),
        visibility_config=_visibility(name),
    )


def _managed(name: str, priority: int, counted: tuple[str, ...] = ()) -> wafv2.CfnWebACL.RuleProperty:
    return wafv2.CfnWebACL.RuleProperty(
        name=name,
        priority=priority,
        override_action=wafv2.CfnWebACL.OverrideActionProperty(none={}),
        statement=wafv2.CfnWebACL.StatementProperty(
            managed_rule_group_statement=wafv2.CfnWebACL.ManagedRuleGroupStatementProperty(
                name=name,
                vendor_name="AWS",
                rule_action_overrides=[
                    wafv2.CfnWebACL.RuleActionOverrideProperty(
                        name=rule, action_to_use=wafv2.CfnWebACL.RuleActionProperty(count={})
                    )
                    for rule in counted
                ],
            )
        ),
        visibility_config=_visibility(name),
    )


def _visibility(name: str) -> wafv2.CfnWebACL.VisibilityConfigProperty:
    return wafv2.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=False
    )
