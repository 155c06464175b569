"""What stands in an account whether anybody comes or not, as far as it is billed.

A test holds it against the templates that the CDK application makes.
"""

from typing import Literal

from msgspec import Struct

__all__ = ["SYSTEMS", "EnvironmentName", "System"]

EnvironmentName = Literal["dev", "prod"]


class System(Struct, frozen=True):
    """One environment.

    Attributes:
        model: Which model judges news.
        sentiment_mb: Memory of the sentiment function.
        predict_mb: Memory of the prediction function.
        snapshot_mb: Memory of the functions that start from a snapshot, added up.
        firewall_rules: Of the firewall; None where there is none.
        alarms: Alarms, each of one metric; one of several counts as many.
        metrics: Metrics of our own, one for each name and combination of dimensions.
        keys: Encryption keys of our own.
        secrets: Secrets, the database's left out.
        image_gb: Container images that are kept.
        database: What PostgreSQL runs on.
    """

    model: Literal["embedded", "finbert"]
    sentiment_mb: int
    predict_mb: int
    snapshot_mb: int
    firewall_rules: int | None
    alarms: int
    dashboards: int
    metrics: int
    keys: int
    secrets: int
    image_gb: float
    database: Literal["cluster", "instances"]


SYSTEMS: dict[EnvironmentName, System] = {
    "dev": System(
        model="embedded",
        sentiment_mb=2048,
        predict_mb=1024,
        snapshot_mb=0,
        firewall_rules=4,
        alarms=17,
        dashboards=2,
        metrics=10,
        keys=1,
        secrets=1,
        image_gb=0,
        database="cluster",
    ),
    "prod": System(
        model="finbert",
        sentiment_mb=2048,
        predict_mb=1024,
        snapshot_mb=0,
        firewall_rules=4,
        alarms=18,
        dashboards=2,
        metrics=10,
        keys=1,
        secrets=1,
        image_gb=1.0,
        database="instances",
    ),
}
