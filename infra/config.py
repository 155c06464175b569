"""What differs between environments, typed. No account id: the credentials of the deployment decide."""

from dataclasses import dataclass, field
from typing import Literal

__all__ = ["ENVIRONMENTS", "Environment", "SocialLogin", "environment"]


@dataclass(frozen=True, slots=True)
class SocialLogin:
    """A hosted login with an account elsewhere; its secret lies in Secrets Manager under `secret_name`."""

    provider: Literal["google"]
    client_id: str
    secret_name: str


@dataclass(frozen=True, slots=True)
class Environment:
    """One deployment.

    Attributes:
        name: Part of the stacks' names.
        protected: Whether data survive the removal of their stack, and deletion needs a second thought.
        database: Aurora that scales to zero between uses (the first query then waits about 15 s), or a
            small instance that is always there.
        database_multi_az: A standby in the other zone; only with an instance.
        backup_days: How long a backup of the database is kept.
        log_days: How long logs are kept.
        market_cache_seconds: How long CloudFront answers by itself what somebody has asked of the read-heavy
            market routes, whose answers are everybody's; 0 for not at all.
        anonymous_access: Whether anybody may ask for market data, sentiment and predictions; else who has an
            API key of the usage plan.
        canary: Whether new versions get 10% of the traffic for five minutes before the rest.
        sentiment_image: Whether the sentiment function is a container image with FinBERT (building it needs
            Docker), or a zip with the embedded model.
        sentiment_provisioned: Warm sentiment functions; 0 for none.
        sentiment_rollout: `MODEL:PERCENT` of the articles for another model, as FOLIOLENS_SENTIMENT_ROLLOUT.
        prediction_rollout: `ENGINE:PERCENT` of the tickers for another engine, likewise.
        snap_start: The zip functions that start from a snapshot, as `("Api",)`. It costs about $4 a month for
            a gigabyte of their memory, whether they are called or not.
        firewall: Whether requests pass a firewall, at $9 a month. Without it the limits of the gateway and of
            the application hold, and nothing looks for known attacks.
        monthly_budget_usd: What a month of the account, all in it, may cost: alerts come at 50, 80 and 100%.
        alarm_email: Who is told of alarms and of the budget; None for nobody, then whoever subscribes to the
            topic of alerts is.
        web_origins: Further origins whose pages may call the API, beside the web app's own.
        social_logins: Hosted logins beside e-mail and password; they lead back to one of the `web_origins`.
        mail_from: A sender verified in SES; None takes Cognito's own mail, at most 50 a day.
    """

    name: str
    protected: bool
    database: Literal["aurora_serverless", "instance"]
    database_multi_az: bool = False
    backup_days: int = 7
    log_days: Literal[7, 30, 90] = 30
    market_cache_seconds: int = 60
    anonymous_access: bool = True
    canary: bool = True
    sentiment_image: bool = True
    sentiment_provisioned: int = 0
    sentiment_rollout: str | None = None
    prediction_rollout: str | None = None
    snap_start: tuple[str, ...] = ()
    firewall: bool = True
    monthly_budget_usd: int = 30
    alarm_email: str | None = None
    web_origins: tuple[str, ...] = ()
    social_logins: tuple[SocialLogin, ...] = field(default=())
    mail_from: str | None = None


ENVIRONMENTS = {
    "dev": Environment(
        name="dev",
        protected=False,
        database="aurora_serverless",
        backup_days=1,
        log_days=7,
        canary=False,
        sentiment_image=False,
        monthly_budget_usd=20,
    ),
    "prod": Environment(
        name="prod",
        protected=True,
        database="instance",
        database_multi_az=True,
        backup_days=35,
        log_days=90,
        monthly_budget_usd=150,
    ),
}


def environment(name: str) -> Environment:
    """The environment of a name.

    Raises:
        ValueError: There is none; the message names those there are.
    """
    try:
        return ENVIRONMENTS[name]
    except KeyError:
        raise ValueError(
            f"There is no environment {name!r}: choose one of {', '.join(ENVIRONMENTS)}."
        ) from None
