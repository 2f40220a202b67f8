"""A part of the shipped content that is whole in itself, for tests that derive again and again."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from augenblick.content import Content, load_content

ROOT = Path(__file__).resolve().parents[1]


def lean_content(folder: Path, *moments: str) -> Content:
    """Return the content of these moments with the signals, products and patterns they name, written to the folder."""
    for part in ("shapes", "queries"):
        shutil.copytree(ROOT / part, folder / part)
    ontology = folder / "ontology"
    shutil.copytree(ROOT / "ontology", ontology, ignore=shutil.ignore_patterns("cases"))
    for moment in (ontology / "moments").iterdir():
        if moment.name not in moments:
            shutil.rmtree(moment)
    for kind in ("products", "signals"):
        named = _named(ontology, kind.removesuffix("s"))
        for file in (ontology / kind).glob("*.ttl"):
            # A file whose own term nobody names, if it has one: shared conditions have none.
            own = re.search(rf"^{kind.removesuffix('s')}:{file.stem}$", file.read_text("utf-8"), re.MULTILINE)
            if own and file.stem not in named:
                file.unlink()
    patterns = " ".join(file.read_text("utf-8") for file in (ontology / "moments").rglob("*.ttl"))
    for rule in (ontology / "patterns").glob("*.rq"):
        if f"aug:{rule.stem.title().replace('-', '')} " not in patterns:
            rule.unlink()
    return load_content(folder)


def _named(ontology: Path, prefix: str) -> set[str]:
    """Return what moments, core and rules name, and what the files of those name."""
    found: set[str] = set()
    files = [*(ontology / "moments").rglob("*.ttl"), *(ontology / "core").glob("*.ttl"), *ontology.rglob("*.rq")]
    while files:
        named = {name for file in files for name in re.findall(rf"\b{prefix}:([a-z0-9-]+)", file.read_text("utf-8"))}
        files = [file for name in named - found if (file := ontology / f"{prefix}s" / f"{name}.ttl").exists()]
        found |= named
    return found
