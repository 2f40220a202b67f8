"""The page of the service's settings, from their model."""

from __future__ import annotations

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from augenblick.api.settings import CONFIG_VARIABLE, QueryLimits, Settings
from augenblick.pages.markdown import code, sections, table
from augenblick.publish.remote import RemoteStore

PREFIX = "AUGENBLICK_"


def page() -> str:
    """Return the page: where settings come from, and a line for each."""
    return sections(
        (
            "# Einstellungen des Dienstes · Settings of the service",
            "`augenblick serve` liest eine TOML-Datei (`--config`, sonst die Datei, die die Umgebungsvariable "
            f"`{CONFIG_VARIABLE}` nennt) und die Umgebung; die Umgebung gewinnt, `--data`, `--host` und `--port` "
            "gewinnen immer. Listen und Tabellen stehen in der Umgebung als JSON.",
            f"*`augenblick serve` reads a TOML file (`--config`, else the file {CONFIG_VARIABLE} names) and the "
            "environment; the environment wins, options of the command win over both. Lists and tables are JSON in "
            "the environment.*",
            table(("setting", "environment", "default", "meaning"), _rows(Settings, environment=True)),
            "## `[query_limits.ROLE]`",
            table(("setting", "default", "meaning"), _rows(QueryLimits)),
            "## `[remote_store]`",
            "In der Umgebung mit zwei Unterstrichen, z. B. `AUGENBLICK_REMOTE_STORE__PASSWORD`. "
            "*In the environment with two underscores.*",
            table(("setting", "default", "meaning"), _rows(RemoteStore)),
        )
    )


def _rows(model: type[BaseModel], *, environment: bool = False) -> list[tuple[str, ...]]:
    rows = []
    for name, field in model.model_fields.items():
        variable = (code(PREFIX + name.upper()),) if environment else ()
        rows.append((code(name), *variable, _default(field), field.description or ""))
    return rows


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is PydanticUndefined:
        return "(must be given)"
    if value is None:
        return ""
    if isinstance(value, dict):
        value = {name: each.model_dump() for name, each in value.items()}
    return code(", ".join(map(str, value)) or "none" if isinstance(value, tuple) else str(value))
