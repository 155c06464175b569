"""Builds the web app into the package; Node comes as a build requirement."""

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WebAppBuildHook(BuildHookInterface[Any]):
    """Runs before a wheel, editable or not, is put together."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build the web app, unless what is there was built from the same files."""
        runpy.run_path(str(Path(self.root, "scripts", "build_web.py")))["build"](Path(self.root))
