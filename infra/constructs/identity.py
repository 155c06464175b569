"""Accounts: the user pool, its client, hosted logins, and the identity pool."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.config import Environment, SocialLogin
from infra.constructs.findings import accept
from infra.constructs.function import log_retention

__all__ = ["ACCESS_SCOPE", "Identity"]

ACCESS_SCOPE = "aws.cognito.signin.user.admin"
"""The scope in every access token of a signed-in user: asking for it makes the gateway's authorizer take
access tokens, where it otherwise takes ID tokens only."""

_CLAIMS = Path(__file__).parents[1] / "triggers" / "claims.py"
_STATED = ("user_type", "experience", "risk_tolerance", "marketing")
"""What people state about themselves, beside the standard attributes."""

_CODE_MAIL = "Your FolioLens code is {####}. It is good for an hour."


class Identity(Construct):
    """Cognito with e-mail as the name, optional TOTP, and no way to find out who has an account.

    Attributes:
        pool: The users.
        client: What the `auth` function and the web app sign in with.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: Environment, web_urls: list[str]
    ) -> None:
        super().__init__(scope, construct_id)
        self.pool = cognito.UserPool(
            self,
            "Users",
            self_sign_up_enabled=True,
            # The plan in which access tokens can say more; free for 10,000 users a month.
            feature_plan=cognito.FeaturePlan.ESSENTIALS,
            sign_in_aliases=cognito.SignInAliases(email=True),
            sign_in_case_sensitive=False,
            auto_verify=cognito.AutoVerifiedAttrs(email=True),
            # An address counts when its owner has confirmed it, and until then the one before.
            keep_original=cognito.KeepOriginalAttrs(email=True),
            user_verification=cognito.UserVerificationConfig(
                email_subject="Your FolioLens code", email_body=_CODE_MAIL
            ),
            standard_attributes=cognito.StandardAttributes(
                email=cognito.StandardAttribute(required=True, mutable=True),
                given_name=cognito.StandardAttribute(required=False, mutable=True),
                family_name=cognito.StandardAttribute(required=False, mutable=True),
            ),
            custom_attributes={
                "user_type": cognito.StringAttribute(max_len=32, mutable=True),
                "experience": cognito.StringAttribute(max_len=32, mutable=True),
                "risk_tolerance": cognito.StringAttribute(max_len=32, mutable=True),
                "marketing": cognito.StringAttribute(max_len=5, mutable=True),
                "mfa": cognito.StringAttribute(max_len=5, mutable=True),
            },
            password_policy=cognito.PasswordPolicy(
                min_length=12,
                require_lowercase=True,
                require_uppercase=True,
                require_digits=True,
                require_symbols=True,
            ),
            mfa=cognito.Mfa.OPTIONAL,
            mfa_second_factor=cognito.MfaSecondFactor(sms=False, otp=True),
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            email=None
            if environment.mail_from is None
            else cognito.UserPoolEmail.with_ses(
                from_email=environment.mail_from, from_name="FolioLens", ses_region=cdk.Stack.of(self).region
            ),
            deletion_protection=environment.protected,
            removal_policy=cdk.RemovalPolicy.RETAIN if environment.protected else cdk.RemovalPolicy.DESTROY,
        )
        self._state_claims(environment)
        cognito.CfnUserPoolGroup(
            self,
            "Operators",
            user_pool_id=self.pool.user_pool_id,
            group_name="operators",
            description="May see the operations pages",
        )
        providers = [self._social(login) for login in environment.social_logins]
        if providers:
            self.pool.add_domain(
                "Domain",
                cognito_domain=cognito.CognitoDomainOptions(
                    domain_prefix=f"foliolens-{environment.name}-{cdk.Names.unique_id(self)[-8:].lower()}"
                ),
            )
        names = {"given_name": True, "family_name": True}
        stated = cognito.ClientAttributes().with_custom_attributes(*_STATED)
        self.client = self.pool.add_client(
            "Client",
            # Passwords are tried through the `auth` function alone: Cognito pauses an account for its owner,
            # too, and whoever could ask it directly would keep the owner out.
            auth_flows=cognito.AuthFlow(admin_user_password=True),
            # Without these a client neither writes nor reads attributes of ours.
            read_attributes=stated.with_standard_attributes(email=True, email_verified=True, **names),
            write_attributes=stated.with_standard_attributes(email=True, **names),
            prevent_user_existence_errors=True,
            enable_token_revocation=True,
            access_token_validity=cdk.Duration.minutes(15),
            id_token_validity=cdk.Duration.minutes(15),
            refresh_token_validity=cdk.Duration.days(30),
            refresh_token_rotation_grace_period=cdk.Duration.seconds(0),
            # The hosted page takes no passwords either.
            supported_identity_providers=providers or [cognito.UserPoolClientIdentityProvider.COGNITO],
            disable_o_auth=not providers,
            o_auth=cognito.OAuthSettings(
                flows=cognito.OAuthFlows(authorization_code_grant=True),
                scopes=[
                    cognito.OAuthScope.OPENID,
                    cognito.OAuthScope.EMAIL,
                    cognito.OAuthScope.COGNITO_ADMIN,
                ],
                callback_urls=web_urls,
                logout_urls=web_urls,
            )
            if providers
            else None,
        )
        for provider in self.pool.identity_providers:
            self.client.node.add_dependency(provider)  # Cognito refuses to name one that is not there yet
        identities = cognito.CfnIdentityPool(
            self,
            "Identities",
            allow_unauthenticated_identities=False,
            cognito_identity_providers=[
                cognito.CfnIdentityPool.CognitoIdentityProviderProperty(
                    client_id=self.client.user_pool_client_id,
                    provider_name=self.pool.user_pool_provider_name,
                    server_side_token_check=True,
                )
            ],
        )

        self._let_into_aws(identities)
        accept(
            self,
            {
                "AwsSolutions-COG2": "A second factor is each person's choice, as the product says.",
                "AwsSolutions-COG8": "The plus plan costs by user; guessing is dealt"
                " with by the pauses and limits of the sign-in routes.",
            },
        )

    def _state_claims(self, environment: Environment) -> None:
        """Let access tokens hold what the functions without a way to Cognito need to know."""
        log = logs.LogGroup(
            self,
            "ClaimsLog",
            retention=log_retention(environment),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        role = iam.Role(self, "ClaimsRole", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log.grant_write(role)
        trigger = lambda_.Function(
            self,
            "Claims",
            code=lambda_.Code.from_inline(_CLAIMS.read_text(encoding="utf-8")),
            handler="index.handler",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            memory_size=128,
            timeout=cdk.Duration.seconds(5),
            role=role,
            log_group=log,
        )
        self.pool.add_trigger(
            cognito.UserPoolOperation.PRE_TOKEN_GENERATION_CONFIG, trigger, cognito.LambdaVersion.V2_0
        )
        accept(
            trigger,
            {
                "AwsSolutions-L1": "Twenty lines that any Python runs.",
                "Serverless-LambdaLatestVersion": "The same.",
                "Serverless-LambdaDefaultMemorySize": "The same.",
                "Serverless-LambdaTracing": "It calls nobody.",
                "Serverless-LambdaDLQ": "Cognito waits for its answer.",
            },
        )

    def _let_into_aws(self, identities: cognito.CfnIdentityPool) -> None:
        """Give the signed-in a role of AWS's, which may do nothing yet: what they do goes through the API."""
        role = iam.Role(
            self,
            "SignedIn",
            description="People who signed in to FolioLens",
            assumed_by=iam.WebIdentityPrincipal(
                "cognito-identity.amazonaws.com",
                {
                    "StringEquals": {"cognito-identity.amazonaws.com:aud": identities.ref},
                    "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"},
                },
            ),
        )
        cognito.CfnIdentityPoolRoleAttachment(
            self, "Roles", identity_pool_id=identities.ref, roles={"authenticated": role.role_arn}
        )

    def _social(self, login: SocialLogin) -> cognito.UserPoolClientIdentityProvider:
        cognito.UserPoolIdentityProviderGoogle(
            self,
            "Google",
            user_pool=self.pool,
            client_id=login.client_id,
            client_secret_value=cdk.SecretValue.secrets_manager(login.secret_name),
            scopes=["openid", "email", "profile"],
            attribute_mapping=cognito.AttributeMapping(
                email=cognito.ProviderAttribute.GOOGLE_EMAIL,
                given_name=cognito.ProviderAttribute.GOOGLE_GIVEN_NAME,
                family_name=cognito.ProviderAttribute.GOOGLE_FAMILY_NAME,
            ),
        )
        return cognito.UserPoolClientIdentityProvider.GOOGLE
