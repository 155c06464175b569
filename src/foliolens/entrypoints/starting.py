"""What makes a Lambda function start sooner: called before and after its entry point imports the rest."""

import gc
import os

from foliolens.bootstrap_aws import starts_from_snapshot

__all__ = ["models_on_demand", "start", "started"]


def start() -> None:
    """Leave the garbage collector out until the function has started.

    Imports make hundreds of thousands of objects that stay, and the collector would go over them again and
    again: a tenth of a start.
    """
    gc.disable()


def started() -> None:
    """Collect what requests leave behind from now on, and never look again at what the start has made."""
    gc.freeze()
    gc.enable()


def models_on_demand() -> None:
    """Let pydantic prepare a model when it is first used, for functions of many routes.

    A request uses a few of the models. Lambda sends an environment one request at a time, so no two threads
    prepare one. In the process whose memory is kept, and from which others start, all are prepared at once.
    """
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"  # or it looks through every package for some
    if starts_from_snapshot():
        return
    from pydantic import BaseModel, ConfigDict  # noqa: PLC0415 - not before the line above

    BaseModel.model_config = ConfigDict(defer_build=True)
