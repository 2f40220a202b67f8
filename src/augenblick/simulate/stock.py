"""The word lists the simulator draws on: names, places, banks, wordings, rates, lives."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@cache
def stock(name: str) -> dict[str, Any]:
    """The content of `data/<name>.yaml`, or of all files of the folder `data/<name>`; read once, do not change it."""
    place = files("augenblick.simulate").joinpath("data")
    folder = place.joinpath(name)
    if not folder.is_dir():
        return _read(place.joinpath(f"{name}.yaml").read_text(encoding="utf-8"))
    content: dict[str, Any] = {}
    texts = [each for each in folder.iterdir() if each.name.endswith(".yaml")]
    for file in sorted(texts, key=lambda each: each.name):
        for key, value in _read(file.read_text(encoding="utf-8")).items():
            if isinstance(content.get(key), dict):
                content[key] |= value
            else:
                content[key] = value
    return content


def _read(text: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(text)
    return content
