"""What `make package` built: a zip for each function, and the web app's files."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from aws_cdk import aws_lambda as lambda_

__all__ = ["Assets"]


@dataclass(frozen=True, slots=True)
class Assets:
    """The folder of built packages.

    Attributes:
        folder: Holds `NAME.zip` for each function and `manifest.json`.
        web: The built web app.
    """

    folder: Path
    web: Path

    @property
    def version(self) -> str:
        """A digest of the application, as `make package` wrote it down."""
        return str(self._manifest()["version"])

    @property
    def runtime(self) -> lambda_.Runtime:
        """The Python the packages were built for, `.pyc` included."""
        runtime = getattr(lambda_.Runtime, f"PYTHON_{str(self._manifest()['python']).replace('.', '_')}")
        return cast("lambda_.Runtime", runtime)

    def code(self, function: str) -> lambda_.Code:
        """The package of a function.

        Raises:
            FileNotFoundError: It was not built: run `make package`.
        """
        path = self.folder / f"{function}.zip"
        if not path.is_file():
            raise FileNotFoundError(f"{path} is missing: run `make package` first")
        return lambda_.Code.from_asset(str(path))

    def _manifest(self) -> dict[str, object]:
        manifest: dict[str, object] = json.loads((self.folder / "manifest.json").read_text())
        return manifest
