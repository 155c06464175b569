"""What makes a Lambda function start sooner: called before and after its entry point imports the rest."""

import gc
import os

from foliolens.bootstrap_aws import starts_from_snapshot

__all__ = ["models_on_demand", "start", "started"]


def start() -> None:
    """Leave out what a start is better off without: the garbage collector, and a search for plugins.

    Imports make hundreds of thousands of objects that stay, and the collector would go over them again and
    again: a tenth of a start. Pydantic would look through every package for plugins of its own.
    """
    gc.disable()
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"


def started() -> None:
    """Collect what requests leave behind from now on, and never look again at what the start has made."""
    gc.freeze()
    gc.enable()


def models_on_demand() -> None:
    """Let pydantic prepare a model when it is first used, for functions of many routes.

    A request uses a few of the models. Lambda sends an environment one request at a time, so no two threads
    prepare one. In the process whose memory is kept, and from which others start, all are prepared at once.
    """
    if starts_from_snapshot():
        return
    from pydantic import BaseModel, ConfigDict  # noqa: PLC0415 - costly, and some functions never need it

    BaseModel.model_config = ConfigDict(defer_build=True)
