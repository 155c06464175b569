"""The REST API: who answers which path, who must be signed in, what is limited and validated."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from foliolens.entrypoints.cross_origin import ASKED_WITH, MAX_AGE_SECONDS, METHODS
from infra.config import Environment
from infra.constructs.findings import accept
from infra.constructs.function import log_retention
from infra.constructs.identity import ACCESS_SCOPE
from infra.request_models import request_model

__all__ = ["ORIGIN_SECRET", "SHARED_PATHS", "Api"]

ORIGIN_SECRET = "Referer"  # noqa: S105 - the header's name
"""The header that proves that a request came through our distribution, which puts a secret in place of what
the caller stated. A gateway's policy can look at it, unlike at a header of our own, and we have no other use
for it."""

SHARED_PATHS = ("stocks", "search", "news", "tiingo/{proxy+}", "v2/reference/news")
"""Whose answers are the same for everybody, and good for a while. The outlook's are not: they tell what is on
its way."""

_STAGE = "v1"
_MARKET = (*SHARED_PATHS, "market/{proxy+}")


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the gateway says by itself, where no function was asked."""

    kind: str
    status: str
    code: str
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)


_SOON = {"Retry-After": "1"}
_ANSWERS = (
    _Answer(
        "UNAUTHORIZED", "401", "AUTHENTICATION_REQUIRED", "Sign in first.", {"WWW-Authenticate": "Bearer"}
    ),
    _Answer(
        "EXPIRED_TOKEN", "401", "TOKEN_EXPIRED", "The token has expired.", {"WWW-Authenticate": "Bearer"}
    ),
    _Answer(
        "INVALID_API_KEY",
        "401",
        "AUTHENTICATION_REQUIRED",
        "Send an API key in the x-api-key header.",
        {"WWW-Authenticate": "ApiKey"},
    ),
    _Answer("ACCESS_DENIED", "403", "FORBIDDEN", "You may not do this."),
    _Answer("WAF_FILTERED", "403", "FORBIDDEN", "The firewall takes this for an attack."),
    _Answer("MISSING_AUTHENTICATION_TOKEN", "404", "NOT_FOUND", "There is no such path."),
    _Answer("RESOURCE_NOT_FOUND", "404", "NOT_FOUND", "There is no such path."),
    _Answer("UNSUPPORTED_MEDIA_TYPE", "415", "UNSUPPORTED_MEDIA_TYPE", "Send JSON."),
    _Answer("THROTTLED", "429", "RATE_LIMITED", "Too many requests: try again in a second.", _SOON),
    _Answer("QUOTA_EXCEEDED", "429", "RATE_LIMITED", "The day's quota is used up.", {"Retry-After": "3600"}),
    _Answer("REQUEST_TOO_LARGE", "413", "PAYLOAD_TOO_LARGE", "The request body is too large."),
    _Answer(
        "BAD_REQUEST_BODY", "400", "VALIDATION_ERROR", "The body has not the form that openapi.json names."
    ),
    _Answer("INTEGRATION_TIMEOUT", "503", "SERVICE_UNAVAILABLE", "This took too long: try again.", _SOON),
    _Answer("DEFAULT_5XX", "500", "INTERNAL_ERROR", "Something went wrong on our side."),
)


def _for_our_distribution(origin_secret: secretsmanager.ISecret) -> iam.PolicyDocument:
    """Lets nobody invoke the API who does not bring the secret; without the header, too."""
    secret = origin_secret.secret_value.unsafe_unwrap()  # its name: CloudFormation looks it up

    def invoking(effect: iam.Effect, conditions: Mapping[str, Any]) -> iam.PolicyStatement:
        return iam.PolicyStatement(
            effect=effect,
            principals=[iam.AnyPrincipal()],
            actions=["execute-api:Invoke"],
            resources=["execute-api:/*"],
            conditions=conditions,
        )

    return iam.PolicyDocument(
        statements=[
            invoking(iam.Effect.ALLOW, {}),
            invoking(iam.Effect.DENY, {"StringNotEquals": {f"aws:{ORIGIN_SECRET}": secret}}),
        ]
    )


class Api(Construct):
    """API Gateway in front of the functions, with Cognito deciding on the private paths.

    It takes our distribution's requests alone, which bring a secret: so the address that the distribution
    states of a caller is true, and the firewall and the functions can count by it.

    Attributes:
        api: The gateway.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        origin_secret: secretsmanager.ISecret,
        pool: cognito.IUserPool,
        api: lambda_.IFunction,
        auth: lambda_.IFunction,
        market: lambda_.IFunction,
        sentiment: lambda_.IFunction,
        predict: lambda_.IFunction,
    ) -> None:
        super().__init__(scope, construct_id)
        access_log = logs.LogGroup(
            self,
            "AccessLog",
            retention=log_retention(environment),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        self.api = apigateway.RestApi(
            self,
            "Gateway",
            rest_api_name=f"foliolens-{environment.name}",
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            policy=_for_our_distribution(origin_secret),
            cloud_watch_role=True,
            deploy_options=apigateway.StageOptions(
                stage_name=_STAGE,
                tracing_enabled=True,
                # The metrics of the whole API are free; those of each method cost as much as all the rest.
                metrics_enabled=False,
                logging_level=apigateway.MethodLoggingLevel.ERROR,
                throttling_rate_limit=500,
                throttling_burst_limit=1000,
                access_log_destination=apigateway.LogGroupLogDestination(access_log),
                # No caller's address and no path: a path can hold ids and the tokens of shared links.
                access_log_format=apigateway.AccessLogFormat.custom(
                    '{"requestId":"$context.requestId","route":"$context.resourcePath",'
                    '"method":"$context.httpMethod","status":"$context.status",'
                    '"latencyMs":"$context.responseLatency","time":"$context.requestTimeEpoch"}'
                ),
            ),
            default_cors_preflight_options=apigateway.CorsOptions(
                allow_origins=list(environment.web_origins),
                allow_methods=list(METHODS),
                allow_headers=list(ASKED_WITH),
                max_age=cdk.Duration.seconds(MAX_AGE_SECONDS),
            )
            if environment.web_origins
            else None,
            api_key_source_type=apigateway.ApiKeySourceType.HEADER,
        )
        # The gateway's own log of its errors: it makes one that never ends, unless there is one of this name.
        errors = logs.LogGroup(
            self,
            "ErrorLog",
            log_group_name=f"API-Gateway-Execution-Logs_{self.api.rest_api_id}/{_STAGE}",
            retention=log_retention(environment),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        self.api.deployment_stage.node.add_dependency(errors)
        self._keyed = not environment.anonymous_access
        self._errors_of_the_gateway()
        self._authorizer = apigateway.CognitoUserPoolsAuthorizer(
            self, "Authorizer", cognito_user_pools=[pool], results_cache_ttl=cdk.Duration.minutes(5)
        )
        self._validator = self.api.add_request_validator("Bodies", validate_request_body=True)
        self._private(apigateway.LambdaIntegration(api), apigateway.LambdaIntegration(auth))
        self._open(apigateway.LambdaIntegration(api), apigateway.LambdaIntegration(auth))
        self._market(apigateway.LambdaIntegration(market))
        self._models(apigateway.LambdaIntegration(sentiment), apigateway.LambdaIntegration(predict))
        plan = self.api.add_usage_plan(
            "Clients",
            throttle=apigateway.ThrottleSettings(rate_limit=50, burst_limit=100),
            quota=apigateway.QuotaSettings(limit=100_000, period=apigateway.Period.DAY),
        )
        plan.add_api_stage(stage=self.api.deployment_stage)
        plan.add_api_key(self.api.add_api_key("FirstClient"))
        accept(
            self,
            {
                "AwsSolutions-APIG2": "API Gateway imports OpenAPI 3.0 only; ours is 3.1. The costly POSTs"
                " have models here, every other body is validated by the function, with better messages.",
                "AwsSolutions-APIG4": "Sign-in, shared links, health, market data, sentiment and prediction"
                " are open by design, limited by WAF and throttling; every route on user data has the"
                " authorizer, as a test asserts.",
                "AwsSolutions-COG4": "The open routes have no Cognito authorizer for the same reason.",
                "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/"
                "AmazonAPIGatewayPushToCloudWatchLogs]": "API Gateway's own role for writing its logs: AWS"
                " maintains this policy with the service.",
            },
        )

        if not environment.firewall:
            accept(self, {"AwsSolutions-APIG3": "The environment does without the firewall, for its price."})

    def _errors_of_the_gateway(self) -> None:
        """What the gateway refuses by itself is said in the contract's form too."""
        for answer in _ANSWERS:
            self.api.add_gateway_response(
                answer.kind,
                type=apigateway.ResponseType.of(answer.kind),
                status_code=answer.status,
                response_headers={
                    "X-Request-Id": "context.requestId",
                    "Cache-Control": "'no-store'",
                    **{name: f"'{value}'" for name, value in answer.headers.items()},
                },
                templates={
                    "application/json": f'{{"error":"{answer.code}","message":"{answer.message}",'
                    '"requestId":"$context.requestId"}'
                },
            )

    def _private(self, api: apigateway.LambdaIntegration, auth: apigateway.LambdaIntegration) -> None:
        """Everything on user data: only with an access token."""
        protection: dict[str, Any] = {
            "authorizer": self._authorizer,
            "authorization_type": apigateway.AuthorizationType.COGNITO,
            "authorization_scopes": [ACCESS_SCOPE],
        }
        for name in ("portfolios", "uploads", "upload", "user", "ops"):
            resource = self.api.root.add_resource(name)
            for target in (resource, resource.add_resource("{proxy+}")):
                target.add_method("ANY", api, **protection)
            if name == "user":  # who goes is asked for the password, which Cognito knows
                resource.add_method("DELETE", auth, **protection)

    def _open(self, api: apigateway.LambdaIntegration, auth: apigateway.LambdaIntegration) -> None:
        self.api.root.add_resource("auth").add_resource("{proxy+}").add_method("ANY", auth)
        self.api.root.add_resource("shared").add_resource("{proxy+}").add_method("GET", api)
        for name in ("health", "ready"):
            self.api.root.add_resource(name).add_method("GET", api)

    def _market(self, market: apigateway.LambdaIntegration) -> None:
        for path in _MARKET:
            self.api.root.resource_for_path(path).add_method("GET", market, api_key_required=self._keyed)

    def _models(self, sentiment: apigateway.LambdaIntegration, predict: apigateway.LambdaIntegration) -> None:
        """The costly POSTs: what is not even the right shape wakes no function."""
        for path, integration in (
            ("sentiment", sentiment),
            ("sentiment/batch", sentiment),
            ("predict", predict),
        ):
            name = f"{path.title().replace('/', '')}Model"
            model = apigateway.CfnModel(
                self,
                name,
                rest_api_id=self.api.rest_api_id,
                content_type="application/json",
                schema=request_model(f"/v1/{path}"),
            )
            self.api.root.resource_for_path(path).add_method(
                "POST",
                integration,
                api_key_required=self._keyed,
                request_validator=self._validator,
                request_models={
                    "application/json": apigateway.Model.from_model_name(self, f"{name}Named", model.ref)
                },
            )
