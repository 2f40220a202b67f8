"""Universities after the data profile of the Lehigh University Benchmark (LUBM), seeded.

The numbers of departments, people, courses and publications, and who teaches, takes, advises and writes, are those of
the published profile (Guo, Pan, Heflin 2005). No code of the original generator is used, so its counts are near to
these but not the same.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import duckdb

PREFIX = "http://swat.cse.lehigh.edu/onto/univ-bench.owl#"
Fact = tuple[str, str, str]
"""Subject, property or "type", object; of literals with the quotes."""

RANKS = {"FullProfessor": (7, 10), "AssociateProfessor": (10, 14), "AssistantProfessor": (8, 11), "Lecturer": (5, 7)}
WRITES = {"FullProfessor": (15, 20), "AssociateProfessor": (10, 18), "AssistantProfessor": (5, 10), "Lecturer": (0, 5)}
UNIVERSITIES = 1000
"""Universities anybody may have a degree from."""


def universities(number: int, seed: int) -> Iterator[Fact]:
    """Yield the facts of so many universities."""
    draw = random.Random(seed)
    for university in range(number):
        home = f"http://www.University{university}.edu"
        yield home, "type", "University"
        yield home, "name", f'"University{university}"'
        for department in range(draw.randint(15, 25)):
            yield from _Department(home, university, department, draw).facts()


class _Department:
    """One department: its people, courses, groups and publications."""

    def __init__(self, home: str, university: int, number: int, draw: random.Random) -> None:
        self._university = home
        self._home = f"http://www.Department{number}.University{university}.edu"
        self._draw = draw
        self._faculty: list[tuple[str, str]] = []
        self._courses: dict[str, list[str]] = {"Course": [], "GraduateCourse": []}
        self._papers: dict[str, list[str]] = {}

    def facts(self) -> Iterator[Fact]:
        yield self._home, "type", "Department"
        yield self._home, "name", f'"{self._home.split(".")[1]}"'
        yield self._home, "subOrganizationOf", self._university
        yield from self._staff()
        yield from self._groups()
        yield from self._undergraduates()
        yield from self._graduates()
        yield from self._publications()

    def _named(self, kind: str, number: int) -> str:
        return f"{self._home}/{kind}{number}"

    def _person(self, kind: str, number: int) -> Iterator[Fact]:
        who = self._named(kind, number)
        yield who, "type", kind
        yield who, "name", f'"{kind}{number}"'
        yield who, "emailAddress", f'"{kind}{number}@{self._home.split("www.")[1]}"'
        yield who, "telephone", '"xxx-xxx-xxxx"'

    def _degree(self) -> str:
        return f"http://www.University{self._draw.randrange(UNIVERSITIES)}.edu"

    def _staff(self) -> Iterator[Fact]:
        for kind, (least, most) in RANKS.items():
            for number in range(self._draw.randint(least, most)):
                who = self._named(kind, number)
                self._faculty.append((who, kind))
                yield from self._person(kind, number)
                yield who, "headOf" if (kind, number) == ("FullProfessor", 0) else "worksFor", self._home
                yield who, "researchInterest", f'"Research{self._draw.randrange(30)}"'
                for degree in ("undergraduate", "masters", "doctoral"):
                    yield who, f"{degree}DegreeFrom", self._degree()
                yield from self._taught(who)
                self._papers[who] = self._written(who, *WRITES[kind])

    def _taught(self, who: str) -> Iterator[Fact]:
        for kind, courses in self._courses.items():
            for _ in range(self._draw.randint(1, 2)):
                course = self._named(kind, len(courses))
                courses.append(course)
                yield course, "type", kind
                yield course, "name", f'"{course.rsplit("/", 1)[1]}"'
                yield who, "teacherOf", course

    def _written(self, who: str, least: int, most: int) -> list[str]:
        return [f"{who}/Publication{number}" for number in range(self._draw.randint(least, most))]

    def _groups(self) -> Iterator[Fact]:
        for number in range(self._draw.randint(10, 20)):
            group = self._named("ResearchGroup", number)
            yield group, "type", "ResearchGroup"
            yield group, "subOrganizationOf", self._home

    def _professors(self) -> list[str]:
        return [who for who, kind in self._faculty if kind != "Lecturer"]

    def _student(self, kind: str, number: int, courses: str, least: int, most: int) -> Iterator[Fact]:
        yield from self._person(kind, number)
        who = self._named(kind, number)
        yield who, "memberOf", self._home
        for course in self._draw.sample(self._courses[courses], self._draw.randint(least, most)):
            yield who, "takesCourse", course

    def _undergraduates(self) -> Iterator[Fact]:
        for number in range(round(len(self._faculty) * self._draw.uniform(8, 14))):
            yield from self._student("UndergraduateStudent", number, "Course", 2, 4)
            if self._draw.randrange(5) == 0:
                yield self._named("UndergraduateStudent", number), "advisor", self._draw.choice(self._professors())

    def _graduates(self) -> Iterator[Fact]:
        number = round(len(self._faculty) * self._draw.uniform(3, 4))
        assisting = self._draw.sample(range(number), round(number * self._draw.uniform(1 / 5, 1 / 4)))
        researching = self._draw.sample(range(number), round(number * self._draw.uniform(1 / 4, 1 / 3)))
        for student in range(number):
            who = self._named("GraduateStudent", student)
            yield from self._student("GraduateStudent", student, "GraduateCourse", 1, 3)
            yield who, "undergraduateDegreeFrom", self._degree()
            advisor = self._draw.choice(self._professors())
            yield who, "advisor", advisor
            together = self._papers[advisor]
            self._papers[who] = self._draw.sample(together, min(self._draw.randint(0, 5), len(together)))
        taught = self._draw.sample(self._courses["Course"], min(len(assisting), len(self._courses["Course"])))
        for student, course in zip(assisting, taught, strict=False):
            who = self._named("GraduateStudent", student)
            yield who, "type", "TeachingAssistant"
            yield who, "teachingAssistantOf", course
        for student in researching:
            yield self._named("GraduateStudent", student), "type", "ResearchAssistant"

    def _publications(self) -> Iterator[Fact]:
        seen = set()
        for who, papers in self._papers.items():
            for paper in papers:
                if paper not in seen:
                    seen.add(paper)
                    yield paper, "type", "Publication"
                    yield paper, "name", f'"{paper.rsplit("/", 1)[1]}"'
                yield paper, "publicationAuthor", who


def line(fact: Fact) -> str:
    """Return a fact as a line of N-Triples."""
    s, p, o = fact
    if p == "type":
        return f"<{s}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{PREFIX}{o}> .\n"
    return f"<{s}> <{PREFIX}{p}> {o if o.startswith(chr(34)) else f'<{o}>'} .\n"


def write(number: int, seed: int, folder: Path) -> None:
    """Write the facts as N-Triples, and as CSV and Parquet of numbers: (s, o) per property, (s) per class."""
    folder.mkdir(parents=True)
    numbers: dict[str, int] = {}
    tables: dict[str, list[str]] = {}
    with (folder / "facts.nt").open("w", encoding="ascii") as out:
        for fact in universities(number, seed):
            out.write(line(fact))
            s, p, o = fact
            name, terms = (o, (s,)) if p == "type" else (p, (s, o))
            row = ",".join(str(numbers.setdefault(term, len(numbers))) for term in terms)
            tables.setdefault(name, []).append(row)
    for name, rows in tables.items():
        (folder / f"{name}.csv").write_text("\n".join(rows) + "\n", encoding="ascii")
        columns = "{s: 'BIGINT', o: 'BIGINT'}" if "," in rows[0] else "{s: 'BIGINT'}"
        read = f"read_csv('{folder / name}.csv', header = false, columns = {columns})"
        duckdb.execute(f"COPY (FROM {read}) TO '{folder / name}.parquet'")
