"""The web app: static files behind CloudFront, with the API under the same address."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_deployment as deployment
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from foliolens.entrypoints.cross_origin import ASKED_WITH, MAX_AGE_SECONDS, METHODS, TOLD
from foliolens.kit.contract import SECURITY_HEADERS
from infra.config import Environment
from infra.constructs.api import ORIGIN_SECRET, SHARED_PATHS
from infra.constructs.findings import accept, logical_id
from infra.constructs.firewall import VIEWER_ADDRESS

__all__ = ["Frontend"]

VIEWER_HOST = "x-viewer-host"
"""The header in which our distribution states the name that a caller used."""

_DOCUMENT = Path(__file__).resolve().parents[2] / "openapi.json"

_KEPT_ERRORS = (400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504)
"""Those that CloudFront would keep for a while."""

_OF_ONE_CALLER = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")

# A path without an extension is a page of the app, which is one file.
_PAGES = """function handler(event) {
  var request = event.request;
  if (!request.uri.split('/').pop().includes('.')) request.uri = '/index.html';
  return request;
}"""

# The gateway is addressed by its own name, and takes CloudFront for the caller. The functions need the name
# that people see, for links, and the caller's address, for limits. What a caller states instead is replaced.
_VIEWER = f"""function handler(event) {{
  var request = event.request;
  request.headers['{VIEWER_HOST}'] = {{ value: request.headers.host.value }};
  request.headers['{VIEWER_ADDRESS}'] = {{ value: event.viewer.ip }};
  return request;
}}"""


class Frontend(Construct):
    """CloudFront in front of a private bucket, and of the API at `/v1/`.

    Attributes:
        distribution: What people's browsers speak to.
        bucket_id: The logical id of the bucket of files.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        api: apigateway.RestApi,
        origin_secret: secretsmanager.ISecret,
        uploads: s3.IBucket,
        logs: s3.IBucket,
        files: Path,
    ) -> None:
        super().__init__(scope, construct_id)
        bucket = s3.Bucket(
            self,
            "Files",
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            server_access_logs_bucket=logs,
            server_access_logs_prefix="web/",
            removal_policy=cdk.RemovalPolicy.DESTROY,
            auto_delete_objects=True,  # a deployment makes them anew; a bucket with files cannot be removed
        )
        self.distribution = cloudfront.Distribution(
            self,
            "Distribution",
            default_root_object="index.html",
            price_class=cloudfront.PriceClass.PRICE_CLASS_100,
            enable_logging=True,
            log_bucket=logs,
            log_file_prefix="cloudfront/",
            log_includes_cookies=False,
            default_behavior=cloudfront.BehaviorOptions(
                origin=origins.S3BucketOrigin.with_origin_access_control(bucket),
                viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
                response_headers_policy=self._headers(uploads),
                compress=True,
                function_associations=[self._edge("Pages", _PAGES)],
            ),
            additional_behaviors=self._behaviors(environment, api, origin_secret),
            # What went wrong once is asked again: the next caller has nothing to do with it.
            error_responses=[
                cloudfront.ErrorResponse(http_status=status, ttl=cdk.Duration.seconds(0))
                for status in _KEPT_ERRORS
            ],
        )
        deployment.BucketDeployment(
            self,
            "Deploy",
            sources=[
                deployment.Source.asset(str(files)),
                deployment.Source.data(_DOCUMENT.name, _DOCUMENT.read_text(encoding="utf-8")),
            ],
            destination_bucket=bucket,
            distribution=self.distribution,
            distribution_paths=["/index.html", f"/{_DOCUMENT.name}"],
            prune=False,  # an open page may still ask for the files of the version before
        )

        self.bucket_id = logical_id(bucket)
        accept(
            self,
            {
                "AwsSolutions-CFR1": "Investors are everywhere.",
                "AwsSolutions-CFR2": "Static files; the API behind the same address has its own firewall.",
                "AwsSolutions-CFR4": "Without a domain of one's own CloudFront's certificate decides the"
                " protocol; browsers of today take TLS 1.2 or 1.3.",
            },
        )

    def _behaviors(
        self, environment: Environment, api: apigateway.RestApi, origin_secret: secretsmanager.ISecret
    ) -> dict[str, cloudfront.BehaviorOptions]:
        """How the API is asked, by path: the more special paths first."""
        stack, named = cdk.Stack.of(self), environment.web_origins
        every: dict[str, Any] = {
            # The path keeps its `/v1`, which is the stage's name.
            "origin": origins.HttpOrigin(
                f"{api.rest_api_id}.execute-api.{stack.region}.{stack.url_suffix}",
                protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
                origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
                custom_headers={ORIGIN_SECRET: origin_secret.secret_value.unsafe_unwrap()},
            ),
            "viewer_protocol_policy": cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            "allowed_methods": cloudfront.AllowedMethods.ALLOW_ALL,
            "function_associations": [self._edge("ViewerHost", _VIEWER)],
        }
        behaviors: dict[str, cloudfront.BehaviorOptions] = {}
        # Answers that are kept would be given to those without a key, too.
        if environment.market_cache_seconds and environment.anonymous_access:
            shared = cloudfront.BehaviorOptions(
                **every,
                cache_policy=self._kept_for(cdk.Duration.seconds(environment.market_cache_seconds)),
                # Nothing of a caller but the address: no token, no cookie, no id.
                origin_request_policy=cloudfront.OriginRequestPolicy(
                    self,
                    "OfNobody",
                    header_behavior=cloudfront.OriginRequestHeaderBehavior.allow_list(
                        VIEWER_HOST, VIEWER_ADDRESS
                    ),
                    query_string_behavior=cloudfront.OriginRequestQueryStringBehavior.all(),
                ),
                response_headers_policy=self._api_headers("SharedHeaders", named, _OF_ONE_CALLER),
            )
            behaviors |= {f"/v1/{path.replace('{proxy+}', '*')}": shared for path in SHARED_PATHS}
        behaviors["/v1/*"] = cloudfront.BehaviorOptions(
            **every,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
            response_headers_policy=self._api_headers("ApiHeaders", named),
        )
        return behaviors

    def _kept_for(self, time: cdk.Duration) -> cloudfront.CachePolicy:
        """Keep good answers, by path and query, for exactly this time, though the origin says `no-store`."""
        return cloudfront.CachePolicy(
            self,
            "Shared",
            min_ttl=time,
            default_ttl=time,
            max_ttl=time,
            query_string_behavior=cloudfront.CacheQueryStringBehavior.all(),
            enable_accept_encoding_brotli=True,
            enable_accept_encoding_gzip=True,
        )

    def _edge(self, name: str, code: str) -> cloudfront.FunctionAssociation:
        return cloudfront.FunctionAssociation(
            event_type=cloudfront.FunctionEventType.VIEWER_REQUEST,
            function=cloudfront.Function(
                self,
                name,
                code=cloudfront.FunctionCode.from_inline(code),
                runtime=cloudfront.FunctionRuntime.JS_2_0,
            ),
        )

    def _headers(self, uploads: s3.IBucket) -> cloudfront.ResponseHeadersPolicy:
        policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self';"
            f" connect-src 'self' https://{uploads.bucket_regional_domain_name}; base-uri 'none';"
            " form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'"
        )
        return cloudfront.ResponseHeadersPolicy(self, "Headers", **_security(policy, override=True))

    def _api_headers(
        self, name: str, named_origins: Sequence[str], removed: Sequence[str] = ()
    ) -> cloudfront.ResponseHeadersPolicy:
        """What every answer of the API has, the gateway's and the firewall's own refusals as well."""
        return cloudfront.ResponseHeadersPolicy(
            self,
            name,
            **_security(SECURITY_HEADERS["Content-Security-Policy"], override=False),
            cors_behavior=_cross_origin(named_origins),
            remove_headers=list(removed) or None,
        )


def _security(content_policy: str, *, override: bool) -> dict[str, Any]:
    """The security headers of `kit/contract.py`; without `override` only where an answer has none itself."""
    return {
        "security_headers_behavior": cloudfront.ResponseSecurityHeadersBehavior(
            content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                content_security_policy=content_policy, override=override
            ),
            content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=override),
            frame_options=cloudfront.ResponseHeadersFrameOptions(
                frame_option=cloudfront.HeadersFrameOption.DENY, override=override
            ),
            referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                referrer_policy=cloudfront.HeadersReferrerPolicy.NO_REFERRER, override=override
            ),
            strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                access_control_max_age=cdk.Duration.days(365), include_subdomains=True, override=override
            ),
        ),
        "custom_headers_behavior": cloudfront.ResponseCustomHeadersBehavior(
            custom_headers=[
                cloudfront.ResponseCustomHeader(
                    header="Cross-Origin-Opener-Policy", value="same-origin", override=override
                )
            ]
        ),
    }


def _cross_origin(named: Sequence[str]) -> cloudfront.ResponseHeadersCorsBehavior | None:
    """What the pages of these origins are told, whoever answers: a function, the gateway or the firewall."""
    if not named:
        return None
    return cloudfront.ResponseHeadersCorsBehavior(
        access_control_allow_origins=list(named),
        access_control_allow_credentials=True,
        access_control_allow_methods=list(METHODS),
        access_control_allow_headers=list(ASKED_WITH),
        access_control_expose_headers=list(TOLD),
        access_control_max_age=cdk.Duration.seconds(MAX_AGE_SECONDS),
        origin_override=True,
    )
