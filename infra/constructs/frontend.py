"""The web app: static files behind CloudFront, with the API under the same address."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_deployment as deployment
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.constructs.findings import accept, logical_id
from infra.constructs.firewall import ORIGIN_SECRET, VIEWER_ADDRESS

__all__ = ["Frontend"]

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
  request.headers['x-viewer-host'] = {{ value: request.headers.host.value }};
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
        )
        self.distribution = cloudfront.Distribution(
            self,
            "Distribution",
            default_root_object="index.html",
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
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
            additional_behaviors={
                "/v1/*": cloudfront.BehaviorOptions(
                    # The path keeps its `/v1`, which is the stage's name.
                    origin=origins.HttpOrigin(
                        f"{api.rest_api_id}.execute-api.{cdk.Stack.of(self).region}"
                        f".{cdk.Stack.of(self).url_suffix}",
                        protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
                        origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
                        custom_headers={ORIGIN_SECRET: origin_secret.secret_value.unsafe_unwrap()},
                    ),
                    viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
                    allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
                    cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
                    origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
                    function_associations=[self._edge("ViewerHost", _VIEWER)],
                )
            },
        )
        deployment.BucketDeployment(
            self,
            "Deploy",
            sources=[deployment.Source.asset(str(files))],
            destination_bucket=bucket,
            distribution=self.distribution,
            distribution_paths=["/index.html"],
            prune=False,  # an open page may still ask for the files of the version before
        )

        self.bucket_id = logical_id(bucket)
        accept(
            self,
            {
                "AwsSolutions-CFR1": "Investors are everywhere.",
                "AwsSolutions-CFR2": "Static files; the API behind the same address has its own firewall.",
                "AwsSolutions-CFR4": "Without a domain of one's own CloudFront's certificate decides the"
                " protocol; TLS 1.2 of 2021 is asked for.",
            },
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
        return cloudfront.ResponseHeadersPolicy(
            self,
            "Headers",
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                    content_security_policy=policy, override=True
                ),
                content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
                frame_options=cloudfront.ResponseHeadersFrameOptions(
                    frame_option=cloudfront.HeadersFrameOption.DENY, override=True
                ),
                referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                    referrer_policy=cloudfront.HeadersReferrerPolicy.NO_REFERRER, override=True
                ),
                strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                    access_control_max_age=cdk.Duration.days(365), include_subdomains=True, override=True
                ),
            ),
            custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(
                custom_headers=[
                    cloudfront.ResponseCustomHeader(
                        header="Cross-Origin-Opener-Policy", value="same-origin", override=True
                    )
                ]
            ),
        )
