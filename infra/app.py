"""The CDK application: `cdk deploy -c env=dev --all`, or `make deploy ENV=dev`."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk.custom_resources import CustomResourceConfig

from infra.assets import Assets
from infra.config import Environment, environment
from infra.constructs.function import log_retention
from infra.stacks.data import DataStack
from infra.stacks.service import ServiceStack

__all__ = ["build"]

_ROOT = Path(__file__).resolve().parents[1]


def build(chosen: Environment, assets: Assets, *, outdir: str | None = None) -> cdk.App:
    """Put the stacks of an environment together.

    Args:
        chosen: The environment.
        assets: What the functions run.
        outdir: Where the templates go; the CDK's own choice where there is none.
    """
    from cdk_nag import AwsSolutionsChecks, ServerlessChecks  # noqa: PLC0415 - takes a second

    # What has always been: a stack is not to lose what another one uses.
    app = cdk.App(outdir=outdir, context={"@aws-cdk/core:defaultCrossStackReferences": "strong"})
    data = DataStack(app, f"foliolens-{chosen.name}-data", environment=chosen)
    service = ServiceStack(app, f"foliolens-{chosen.name}", environment=chosen, data=data, assets=assets)
    service.add_stack_dependency(data)
    # Of the functions that CDK adds itself.
    CustomResourceConfig.of(app).add_log_retention_lifetime(log_retention(chosen))
    cdk.Tags.of(app).add("application", "foliolens")
    cdk.Tags.of(app).add("environment", chosen.name)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))
    return app


if __name__ == "__main__":
    context = cdk.App()
    named = environment(context.node.try_get_context("env") or "dev")
    build(named, Assets(_ROOT / "build" / "lambda", _ROOT / "src" / "foliolens" / "static")).synth()
