"""The word lists the simulator draws on: names, places, wordings, rates, life events."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@cache
def stock(name: str) -> dict[str, Any]:
    """The content of `data/<name>.yaml`, read once; do not change it."""
    text = files("augenblick.simulate").joinpath("data", f"{name}.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    return content
