"""The CDK application: `cdk deploy -c env=dev --all`, or `make deploy ENV=dev`."""

from pathlib import Path

import aws_cdk as cdk

from infra.assets import Assets
from infra.config import environment
from infra.stacks.data import DataStack
from infra.stacks.service import ServiceStack

__all__ = ["build"]

_ROOT = Path(__file__).resolve().parents[1]


def build(name: str, assets: Assets, *, outdir: str | None = None) -> cdk.App:
    """Put the stacks of an environment together.

    Args:
        name: Of the environment, see `infra.config`.
        assets: What the functions run.
        outdir: Where the templates go; the CDK's own choice where there is none.
    """
    from cdk_nag import AwsSolutionsChecks, ServerlessChecks  # noqa: PLC0415 - takes a second

    app = cdk.App(outdir=outdir)
    chosen = environment(name)
    data = DataStack(app, f"foliolens-{name}-data", environment=chosen)
    service = ServiceStack(app, f"foliolens-{name}", environment=chosen, data=data, assets=assets)
    service.add_stack_dependency(data)
    cdk.Tags.of(app).add("application", "foliolens")
    cdk.Tags.of(app).add("environment", name)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))
    return app


if __name__ == "__main__":
    context = cdk.App()
    chosen_name = context.node.try_get_context("env") or "dev"
    build(chosen_name, Assets(_ROOT / "build" / "lambda", _ROOT / "src" / "foliolens" / "static")).synth()
