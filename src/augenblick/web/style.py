"""The page of the visual language: its tokens, read off the style sheet, and its few components as they look."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from augenblick.web.assets import FOLDER
from augenblick.web.desk import Desk, PageRoute, seated

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_COLOUR = re.compile(r"--([a-z-]+): light-dark\((#[0-9a-f]+), (#[0-9a-f]+)\);")
_OTHER = re.compile(r"--([a-z-]+): (?!light-dark)([^;]+);")


@router.get("/style")
def style(desk: Annotated[Desk, Depends(seated())]) -> Response:
    """Show tokens and components."""
    colours, others = tokens()
    return desk.page("style.html", colours=colours, others=others)


def tokens() -> tuple[list[tuple[str, str, str]], list[tuple[str, str]]]:
    """Return the colours (name, light, dark) and the other tokens (name, value) of the style sheet."""
    sheet = (FOLDER / "pages.css").read_text("utf-8")
    root = sheet[sheet.index(":root") : sheet.index("}")]
    return _COLOUR.findall(root), _OTHER.findall(root)
