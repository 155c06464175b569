"""The web application firewall in front of the API.

The API is reached through our distribution alone: CloudFront adds a secret to each request, and what lacks it
is refused. So the address that the distribution states of a caller is true, and counted by, here and in the
functions; the address that the gateway sees is one of CloudFront's, which thousands come through.
"""

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

__all__ = ["ORIGIN_SECRET", "VIEWER_ADDRESS", "Firewall"]

ORIGIN_SECRET = "x-origin-secret"  # noqa: S105 - the header's name
"""The header that proves that a request came through our distribution."""

VIEWER_ADDRESS = "x-viewer-address"
"""The header in which our distribution states the caller's address."""

_ANONYMOUS_A_MINUTE = 100
_ANYBODY_A_MINUTE = 1000
_MINUTE = 60


class Firewall(Construct):
    """Our distribution's requests alone; a hundred a minute for each address without a token; AWS's rules."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: apigateway.Stage,
        origin_secret: secretsmanager.ISecret,
    ) -> None:
        super().__init__(scope, construct_id)
        without_token = wafv2.CfnWebACL.StatementProperty(
            not_statement=wafv2.CfnWebACL.NotStatementProperty(
                statement=wafv2.CfnWebACL.StatementProperty(
                    size_constraint_statement=wafv2.CfnWebACL.SizeConstraintStatementProperty(
                        field_to_match=wafv2.CfnWebACL.FieldToMatchProperty(
                            single_header={"Name": "authorization"}
                        ),
                        comparison_operator="GT",
                        size=0,
                        text_transformations=[
                            wafv2.CfnWebACL.TextTransformationProperty(priority=0, type="NONE")
                        ],
                    )
                )
            )
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
                "elsewhere": wafv2.CfnWebACL.CustomResponseBodyProperty(
                    content_type="APPLICATION_JSON",
                    content='{"error":"FORBIDDEN","message":"Use the address of the web app.",'
                    '"requestId":"firewall"}',
                ),
            },
            rules=[
                _through_our_distribution(0, origin_secret),
                _rate("anonymous", 1, _ANONYMOUS_A_MINUTE, without_token),
                _rate("anybody", 2, _ANYBODY_A_MINUTE, None),
                # Bodies may be 1 MiB by contract: that one rule only counts.
                _managed("AWSManagedRulesCommonRuleSet", 3, counted=("SizeRestrictions_BODY",)),
                _managed("AWSManagedRulesKnownBadInputsRuleSet", 4),
            ],
        )
        wafv2.CfnWebACLAssociation(self, "Attached", resource_arn=stage.stage_arn, web_acl_arn=acl.attr_arn)
        self.acl = acl


def _through_our_distribution(
    priority: int, origin_secret: secretsmanager.ISecret
) -> wafv2.CfnWebACL.RuleProperty:
    with_secret = wafv2.CfnWebACL.StatementProperty(
        byte_match_statement=wafv2.CfnWebACL.ByteMatchStatementProperty(
            field_to_match=wafv2.CfnWebACL.FieldToMatchProperty(single_header={"Name": ORIGIN_SECRET}),
            positional_constraint="EXACTLY",
            search_string=origin_secret.secret_value.unsafe_unwrap(),  # its name: CloudFormation looks it up
            text_transformations=[wafv2.CfnWebACL.TextTransformationProperty(priority=0, type="NONE")],
        )
    )
    return wafv2.CfnWebACL.RuleProperty(
        name="elsewhere",
        priority=priority,
        statement=wafv2.CfnWebACL.StatementProperty(
            not_statement=wafv2.CfnWebACL.NotStatementProperty(statement=with_secret)
        ),
        action=wafv2.CfnWebACL.RuleActionProperty(
            block=wafv2.CfnWebACL.BlockActionProperty(
                custom_response=wafv2.CfnWebACL.CustomResponseProperty(
                    response_code=403, custom_response_body_key="elsewhere"
                )
            )
        ),
        visibility_config=_visibility("elsewhere"),
    )


def _rate(
    name: str, priority: int, limit: int, scope_down: wafv2.CfnWebACL.StatementProperty | None
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
                scope_down_statement=scope_down,
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
