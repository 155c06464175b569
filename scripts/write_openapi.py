"""Write openapi.json from the code."""

from pathlib import Path

from foliolens.entrypoints.application import api_document_text

Path(__file__).parents[1].joinpath("openapi.json").write_text(api_document_text(), encoding="utf-8")
