"""An explanation without what it says of relatives that they have not agreed to: no names, no rows of theirs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace

from augenblick.content.model import Words
from augenblick.explain.model import Contribution, Explanation, Premise, Source

SOMEBODY = Words("Angehörige Person", "a relative")
_PERSONS = ("customer_id", "related_customer_id")
_TIES = frozenset({"bank.relations", "bank.account_holders", "bank.accounts"})
"""Tables whose rows tie persons together: they stay, but for who the other is."""
_OPEN = frozenset({"birth_date", "death_date"})
"""What relatives know of each other, whoever asks."""


def persons_in(explanation: Explanation) -> set[str]:
    """Return the customers whom the rows of an explanation, and of those below it, are about."""
    return {person for source in _sources(explanation) for person in _persons(source)}


def redacted(explanation: Explanation, told_of: Callable[[str], bool]) -> Explanation:
    """Return the explanation without who `told_of` says may not be told of, and without their rows."""
    hidden = {person for person in persons_in(explanation) if not told_of(person)}
    return _without(explanation, hidden) if hidden else explanation


def _sources(explanation: Explanation) -> Iterator[Source]:
    for contribution in explanation.contributions:
        for premise in contribution.premises:
            yield from premise.sources
            if premise.moment is not None:
                yield from _sources(premise.moment)


def _persons(source: Source) -> Iterator[str]:
    for name in _PERSONS:
        if source.row.get(name) is not None:
            yield str(source.row[name])


def _without(explanation: Explanation, hidden: AbstractSet[str]) -> Explanation:
    told = (
        replace(each, premises=tuple(_premise(premise, hidden) for premise in each.premises))
        for each in explanation.contributions
    )
    return replace(explanation, contributions=tuple[Contribution, ...](told))


def _premise(premise: Premise, hidden: AbstractSet[str]) -> Premise:
    if premise.moment is not None:
        return replace(premise, moment=_without(premise.moment, hidden))
    named = {person for source in premise.sources for person in _persons(source)} & hidden
    if not named:
        return premise
    one_of = "|".join(map(re.escape, sorted(named, key=lambda name: (-len(name), name))))
    names = re.compile(rf"(?<![\w-])(?:{one_of})(?![\w-])")
    fact = Words(*(names.sub(SOMEBODY.in_language(each), premise.fact.in_language(each)) for each in ("de", "en")))
    return replace(premise, fact=fact, sources=tuple(_source(source, named) for source in premise.sources))


def _source(source: Source, named: AbstractSet[str]) -> Source:
    if not named & set(_persons(source)):
        return source
    if source.table in _TIES:
        row = {name: None if str(value) in named else value for name, value in source.row.items()}
    else:
        row = {name: value for name, value in source.row.items() if name in _OPEN}
    return replace(source, row=row)
