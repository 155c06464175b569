"""Dashboards for the business and for the technology, alarms, and the budget."""

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_xray as xray
from constructs import Construct

from infra.config import Environment
from infra.constructs.database import Database
from infra.constructs.findings import accept
from infra.constructs.function import Function

__all__ = ["Monitoring", "namespace"]

_MINUTE = cdk.Duration.minutes(1)
_FIVE_MINUTES = cdk.Duration.minutes(5)
_P95_ALARM_MS = 1500
_CONNECTIONS_ALARM = 80
_STEADY_REQUESTS = 100
"""In five minutes."""
_BUDGET_ALERTS = (50, 80, 100)
_SHARES = ("p50", "p95", "p99")
_ALERTING = ("cloudwatch.amazonaws.com", "budgets.amazonaws.com")
_TRACED_SHARE = 0.05
_SELDOM = cdk.Duration.days(2560)
"""As seldom as a key may rotate: it protects the texts of alarms, and each of the first two rotations costs
as much a month as the key."""


class Monitoring(Construct):
    """Who looks where, and who is woken when. Each alarm has its entry in `docs/runbook.md`."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        functions: Mapping[str, Function],
        api: apigateway.RestApi,
        database: Database,
        queue: sqs.IQueue,
        dead_letters: sqs.IQueue,
        lost_events: sqs.IQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        self._namespace = namespace(environment)
        self._functions = functions
        self._api = api
        self._database = database
        self._queue = queue
        self._dead_letters = dead_letters
        self._lost_events = lost_events
        self.topic = self._alerts(environment)
        errors = (function.errors for function in functions.values() if function.errors is not None)
        for alarm in (*self._alarms(), *errors):
            alarm.add_alarm_action(actions.SnsAction(self.topic))
        self._technical(environment)
        self._business(environment)
        self._budget(environment)
        self._traces(environment)

    def _alerts(self, environment: Environment) -> sns.Topic:
        """The topic that alarms and the budget speak to: encrypted, so both must be let at the key too."""
        key = kms.Key(
            self,
            "AlertsKey",
            enable_key_rotation=True,
            rotation_period=_SELDOM,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        topic = sns.Topic(self, "Alerts", master_key=key, enforce_ssl=True)
        own = {"StringEquals": {"aws:SourceAccount": cdk.Stack.of(self).account}}
        for service in _ALERTING:
            principal = iam.ServicePrincipal(service, conditions=own)
            topic.grant_publish(principal)
            key.grant(principal, "kms:Decrypt", "kms:GenerateDataKey*")
        if environment.alarm_email is not None:
            topic.add_subscription(subscriptions.EmailSubscription(environment.alarm_email))
            accept(topic, {"Serverless-SNSRedrivePolicy": "SNS mails again by itself; the alarm stays red."})
        return topic

    def _alarms(self) -> list[cloudwatch.Alarm]:
        rds = self._rds_metric
        alarms = [
            self._alarm(
                "ErrorRate",
                # Its average is the share of the requests.
                self._api.metric_server_error(period=_FIVE_MINUTES, statistic="Average"),
                0.005,
                "more than 0.5% of the requests fail",
            ),
            self._alarm(
                "Latency",
                self._api.metric_latency(period=_FIVE_MINUTES, statistic="p95"),
                _P95_ALARM_MS,
                "the 95th percentile of the latency is over 1.5 s",
                periods=2,
            ),
            self._alarm(
                "DeadLetters",
                self._dead_letters.metric_approximate_number_of_messages_visible(period=_MINUTE),
                0,
                "an upload was given up",
            ),
            self._alarm(
                "LostEvents",
                self._lost_events.metric_approximate_number_of_messages_visible(period=_MINUTE),
                0,
                "an order of prices or a scheduled task was given up",
            ),
            self._alarm(
                "QueueAge",
                self._queue.metric_approximate_age_of_oldest_message(period=_MINUTE),
                120,
                "an upload waits for more than two minutes",
            ),
            # Of all functions of the account, which share what it may run at once; the dashboard says whose.
            self._alarm(
                "Throttles",
                cloudwatch.Metric(
                    namespace="AWS/Lambda", metric_name="Throttles", statistic="Sum", period=_FIVE_MINUTES
                ),
                0,
                "a function was throttled",
            ),
            self._alarm("DatabaseCpu", rds("CPUUtilization"), 80, "the database is busy", periods=3),
            self._alarm(
                "DatabaseConnections",
                rds("DatabaseConnections", "Maximum"),
                _CONNECTIONS_ALARM,
                "the database has many connections",
            ),
            self._alarm(
                "ColdStarts", self._cold_start_share(), 10, "more than 10% of the invocations start cold"
            ),
        ]
        if self._database.has_storage_metric:
            alarms.append(
                self._alarm(
                    "DatabaseStorage",
                    rds("FreeStorageSpace", "Minimum"),
                    2 * 1024**3,
                    "the database has less than 2 GiB of storage left",
                    operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
                )
            )
        return alarms

    def _alarm(
        self,
        name: str,
        metric: cloudwatch.IMetric,
        threshold: float,
        meaning: str,
        *,
        periods: int = 1,
        operator: cloudwatch.ComparisonOperator = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
    ) -> cloudwatch.Alarm:
        return cloudwatch.Alarm(
            self,
            name,
            metric=metric,
            threshold=threshold,
            evaluation_periods=periods,
            comparison_operator=operator,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=f"{name}: {meaning}. See docs/runbook.md, '{name}'.",
        )

    def _rds_metric(self, name: str, statistic: str = "Average") -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace="AWS/RDS",
            metric_name=name,
            dimensions_map=self._database.dimensions,
            statistic=statistic,
            period=_FIVE_MINUTES,
        )

    def _own(self, name: str, statistic: str, period: cdk.Duration) -> cloudwatch.Metric:
        """A metric of ours, see `adapters/aws/emf_metrics.py`."""
        return cloudwatch.Metric(
            namespace=self._namespace, metric_name=name, statistic=statistic, period=period
        )

    def _cold_start_share(self) -> cloudwatch.MathExpression:
        return cloudwatch.MathExpression(
            # In little traffic everybody's start is cold, and nobody is to be woken for it.
            expression=f"IF(requests >= {_STEADY_REQUESTS}, 100 * cold / requests, 0)",
            using_metrics={
                "cold": self._own("ColdStart", "Sum", _FIVE_MINUTES),
                "requests": self._api.metric_count(period=_FIVE_MINUTES, statistic="Sum"),
            },
            label="cold starts %",
            period=_FIVE_MINUTES,
        )

    def _technical(self, environment: Environment) -> None:
        def graph(title: str, *metrics: cloudwatch.IMetric) -> cloudwatch.GraphWidget:
            return cloudwatch.GraphWidget(title=title, left=list(metrics), width=8)

        aliases = [function.alias for function in self._functions.values()]
        cloudwatch.Dashboard(
            self,
            "Technical",
            dashboard_name=f"foliolens-{environment.name}-technical",
            widgets=[
                [
                    graph("Requests", self._api.metric_count(statistic="Sum")),
                    graph("Errors", self._api.metric_client_error(), self._api.metric_server_error()),
                    graph(
                        "Latency",
                        *(self._api.metric_latency(statistic=share) for share in _SHARES),
                    ),
                ],
                [
                    graph(
                        "Duration, p95",
                        *(alias.metric_duration(statistic="p95") for alias in aliases),
                    ),
                    graph("Invocations", *(alias.metric_invocations() for alias in aliases)),
                    graph("Throttles", *(alias.metric_throttles() for alias in aliases)),
                ],
                [
                    graph(
                        "Uploads waiting",
                        self._queue.metric_approximate_number_of_messages_visible(),
                        self._dead_letters.metric_approximate_number_of_messages_visible(),
                    ),
                    graph(
                        "Database",
                        self._rds_metric("CPUUtilization"),
                        self._rds_metric("DatabaseConnections"),
                    ),
                    graph("Cold starts", self._cold_start_share()),
                ],
                [
                    graph(
                        "Requests, without the gateway",
                        *(self._own("RequestMilliseconds", share, _FIVE_MINUTES) for share in _SHARES),
                    ),
                    graph(
                        "Models", *(self._own("ModelMilliseconds", share, _FIVE_MINUTES) for share in _SHARES)
                    ),
                    graph(
                        "Providers, share that fails", self._own("ProviderFailures", "Average", _FIVE_MINUTES)
                    ),
                ],
            ],
        )

    def _business(self, environment: Environment) -> None:
        def hourly(title: str, *names: str, statistic: str = "Sum") -> cloudwatch.GraphWidget:
            metrics = [self._own(name, statistic, cdk.Duration.hours(1)) for name in names]
            return cloudwatch.GraphWidget(title=title, left=list(metrics), width=8)

        cloudwatch.Dashboard(
            self,
            "Business",
            dashboard_name=f"foliolens-{environment.name}-business",
            widgets=[
                [
                    hourly("Registrations", "Registrations"),
                    hourly("Portfolios", "PortfoliosCreated", "PortfoliosDeleted"),
                    hourly("Uploads", "UploadsAccepted", "UploadFailures"),
                ],
                [
                    hourly("Judgements and predictions", "ModelMilliseconds", statistic="SampleCount"),
                    hourly("Calls of providers", "ProviderFailures", statistic="SampleCount"),
                    hourly("Answered from a cache, %", "CacheHitPercent", statistic="Average"),
                ],
            ],
        )

    def _budget(self, environment: Environment) -> None:
        budgets.CfnBudget(
            self,
            "Budget",
            budget=budgets.CfnBudget.BudgetDataProperty(
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(
                    amount=environment.monthly_budget_usd, unit="USD"
                ),
            ),
            notifications_with_subscribers=[
                budgets.CfnBudget.NotificationWithSubscribersProperty(
                    notification=budgets.CfnBudget.NotificationProperty(
                        comparison_operator="GREATER_THAN",
                        notification_type="ACTUAL",
                        threshold=share,
                        threshold_type="PERCENTAGE",
                    ),
                    subscribers=[
                        budgets.CfnBudget.SubscriberProperty(
                            address=self.topic.topic_arn, subscription_type="SNS"
                        )
                    ],
                )
                for share in _BUDGET_ALERTS
            ],
        )

    def _traces(self, environment: Environment) -> None:
        """X-Ray's own rule traces the first request of each second, which is nearly all of them here."""
        xray.CfnSamplingRule(
            self,
            "Sampling",
            sampling_rule=xray.CfnSamplingRule.SamplingRuleProperty(
                rule_name=f"foliolens-{environment.name}",
                priority=100,
                reservoir_size=0,
                fixed_rate=_TRACED_SHARE,
                service_name=f"foliolens-{environment.name}/*",
                service_type="*",
                host="*",
                http_method="*",
                url_path="*",
                resource_arn="*",
                version=1,
            ),
        )


def namespace(environment: Environment) -> str:
    """What CloudWatch files our metrics under: those of two environments are never added up."""
    return f"FolioLens/{environment.name}"
