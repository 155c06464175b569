"""What `make package` built: a zip for each function, and the web app's files."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_lambda as lambda_

from infra.packages import IMAGE

__all__ = ["Assets"]


@dataclass(frozen=True, slots=True)
class Assets:
    """The folder of built packages.

    Attributes:
        folder: Holds `NAME.zip` for each function, the folder of the image, and `manifest.json`.
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
        runtime = getattr(lambda_.Runtime, f"PYTHON_{self._python.replace('.', '_')}")
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

    def image(self) -> lambda_.DockerImageCode:
        """The sentiment function's image, built by Docker on deployment."""
        return lambda_.DockerImageCode.from_image_asset(
            str(self.folder / IMAGE),
            build_args={"PYTHON": self._python},
            platform=ecr_assets.Platform.LINUX_ARM64,
        )

    @property
    def _python(self) -> str:
        return str(self._manifest()["python"])

    def _manifest(self) -> dict[str, object]:
        manifest: dict[str, object] = json.loads((self.folder / "manifest.json").read_text())
        return manifest
