"""Pages from template files: Jinja with HTML escaped, and every variable that a template names there or an error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

READS = ("w2s_utils/pages/templates/*",)
FOLDER = Path(__file__).parent / "templates"


def render(template: str, *folders: Path, **variables: Any) -> str:
    """The file ``template``, in one of ``folders`` or among those of this room, with its ``variables``.

    Raises jinja2.UndefinedError for a variable that is missing.
    """
    return environment(*folders).get_template(template).render(**variables)


def environment(*folders: Path) -> Environment:
    """What templates are read with."""
    return Environment(
        loader=FileSystemLoader([*folders, FOLDER]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
