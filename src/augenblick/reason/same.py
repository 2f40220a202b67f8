"""owl:sameAs at run time: cliques by union-find, and every fact carried over to all members of a clique.

The rules of equality applied one by one would join everything with everything. Here the pairs are read once, cliques
are found with union-find, and facts are carried over set by set: each fact of a member goes through the clique's
representative to all others. What is written is what the rules would have written, each fact with the rule and
a step later than its premises, so that a proof finds them.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence

from rdflib import URIRef

from augenblick.reason.equality import OBJECT, SUBJECT, SYMMETRIC, TRANSITIVE
from augenblick.reason.factbase import FactBase, Relation
from augenblick.reason.ir import Equality
from augenblick.reason.stratify import SAMENESS
from augenblick.reason.terms import RESOURCE, kind_of_id

_CLIQUES = "temp.same__cliques"
_PAIRS = "SELECT unnest($a::BIGINT[]) AS a, unnest($b::BIGINT[]) AS b"


class Cliques:
    """Disjoint sets of ids; the representative is the least id of the larger of the sets that met."""

    def __init__(self) -> None:
        self._above: dict[int, int] = {}
        self._members: dict[int, list[int]] = {}

    def representative(self, member: int) -> int:
        """Return the representative of a member (itself, when it never met another)."""
        root = member
        while (above := self._above.get(root, root)) != root:
            root = above
        while (above := self._above.get(member, member)) != root:
            self._above[member] = root
            member = above
        return root

    def unite(self, one: int, other: int) -> None:
        """Make two members, and all that are the same as either, one clique."""
        a, b = sorted((self.representative(one), self.representative(other)))
        if a == b:
            return
        if len(self.members(b)) > len(self.members(a)):
            a, b = b, a
        self._members[a] = self.members(a) + self.members(b)
        self._members.pop(b, None)
        self._above[b] = a

    def members(self, representative: int) -> list[int]:
        """Return the members of a representative's clique."""
        return self._members.get(representative, [representative])

    def __iter__(self) -> Iterator[int]:
        return iter(self._members)


class Sameness:
    """Keeps a fact base closed under owl:sameAs while rules run."""

    def __init__(self, facts: FactBase, equality: Equality, numbers: Mapping[str, int], graph: int) -> None:
        self._facts = facts
        self._names = equality.names
        self._numbers = {rule.origin.axiom: numbers[rule.name] for rule in equality.rules}
        self._g = graph
        self._cliques = Cliques()
        self._seen = -1
        self._unfollowed: set[str] = set()

    @property
    def any(self) -> bool:
        """Whether anything is the same as anything."""
        relation = self._facts.relation(SAMENESS)
        return relation is not None and relation.rows > 0

    def unfollowed(self) -> tuple[str, ...]:
        """Return, in words, the properties and classes found the same from facts alone: no rule carries facts over."""
        return tuple(
            f"SameName({name}): found the same from facts; state it in the ontology"
            for name in sorted(self._unfollowed)
        )

    def close(self, step: int, relations: Sequence[Relation]) -> int:
        """Carry over what came since the last call; return the last step used.

        `relations` are those that may have grown. Where cliques have, all are looked at.
        """
        if not self.any:
            return step
        before, last = self._seen, step
        grown, last = self._pairs(last)
        if not grown and not list(self._cliques):
            self._seen = last
            return last
        self._write(grown)
        for relation in self._facts.relations() if grown else relations:
            if relation.key != SAMENESS and relation.rows:
                last = self._carried(relation, before, last)
        self._seen = last
        return last

    # -- pairs

    def _pairs(self, step: int) -> tuple[set[int], int]:
        """Read new pairs, unite, and write what follows for the pairs; return representatives of grown cliques."""
        relation = self._facts.ensure(SAMENESS)
        rows = self._facts.connection.execute(
            f"SELECT DISTINCT s, o FROM {relation.table} WHERE step > {self._seen} AND s <> o"
        ).fetchall()
        rows = [(s, o) for s, o in rows if kind_of_id(s).bit & RESOURCE and kind_of_id(o).bit & RESOURCE]
        for s, o in rows:
            self._cliques.unite(s, o)
        grown = {self._cliques.representative(s) for s, _ in rows}
        if grown:
            step = self._completed(relation, grown, step)
            self._check_names(grown)
        return grown, step

    def _completed(self, relation: Relation, grown: set[int], step: int) -> int:
        """Write all pairs of grown cliques: inverted ones, those with the representative, then the rest."""
        members = {member: root for root in grown for member in self._cliques.members(root)}
        depths = self._depths(relation, members)
        inverted = f"SELECT DISTINCT o AS s, s AS o FROM {relation.table} WHERE s <> o"
        step = self._insert(relation, inverted, SYMMETRIC, step + 1)
        by_depth: dict[int, list[int]] = defaultdict(list)
        for member, depth in depths.items():
            by_depth[depth].append(member)
        for depth in sorted(by_depth):
            if depth < 2:
                continue
            pairs = [(member, members[member]) for member in by_depth[depth]]
            both = [*pairs, *((root, member) for member, root in pairs)]
            with self._facts.stage(_PAIRS, {"a": [s for s, _ in both], "b": [o for _, o in both]}) as stage:
                step = self._insert(relation, f"SELECT a AS s, b AS o FROM {stage}", TRANSITIVE, step + 1)
        with self._facts.stage(_PAIRS, {"a": list(members), "b": list(members.values())}) as stage:
            rest = f"SELECT x.a AS s, y.a AS o FROM {stage} x JOIN {stage} y ON x.b = y.b AND x.a <> y.a"
            return self._insert(relation, rest, TRANSITIVE, step + 1)

    def _depths(self, relation: Relation, members: Mapping[int, int]) -> dict[int, int]:
        """Return how many pairs lie between each member and its representative."""
        near: dict[int, set[int]] = defaultdict(set)
        for s, o in self._facts.connection.execute(f"SELECT DISTINCT s, o FROM {relation.table}").fetchall():
            if s in members:
                near[s].add(o)
                near[o].add(s)
        depths: dict[int, int] = {}
        for root in sorted(set(members.values())):
            depths[root] = 0
            border = deque([root])
            while border:
                here = border.popleft()
                for there in sorted(near[here] - depths.keys()):
                    depths[there] = depths[here] + 1
                    border.append(there)
        return depths

    def _check_names(self, grown: set[int]) -> None:
        keys = {name for relation in self._facts.relations() for name in (relation.key.predicate, relation.key.klass)}
        known = {str(name) for name in self._names}
        for root in grown:
            for term in self._facts.dictionary.terms(self._cliques.members(root)).values():
                if isinstance(term, URIRef) and str(term) in keys and str(term) not in known:
                    self._unfollowed.add(str(term))

    def _write(self, grown: set[int]) -> None:
        members = {member: root for root in self._cliques for member in self._cliques.members(root)}
        self._facts.connection.execute(
            "CREATE OR REPLACE TEMP TABLE same__cliques AS SELECT a AS member, b AS root, "
            f"list_contains($fresh::BIGINT[], b) AS fresh FROM ({_PAIRS})",
            {"a": list(members), "b": list(members.values()), "fresh": sorted(grown)},
        )

    # -- facts

    def _carried(self, relation: Relation, before: int, step: int) -> int:
        """Carry over the facts of a relation: those that are new, and all of members whose clique has grown."""
        objects = relation.key.klass is None
        new = f"(r.step > {before} OR m.fresh)"
        rest = ", o" if objects else ""
        rows = (
            f"SELECT n.member AS s{rest} FROM (SELECT DISTINCT m.root{rest} FROM {relation.table} r "
            f"JOIN {_CLIQUES} m ON m.member = r.s WHERE {new}) f JOIN {_CLIQUES} n ON n.root = f.root"
        )
        after = self._insert(relation, rows, SUBJECT, step + 1)
        if not objects:
            return after
        rows = (
            f"SELECT f.s, n.member AS o FROM (SELECT DISTINCT r.s, m.root FROM {relation.table} r "
            f"JOIN {_CLIQUES} m ON m.member = r.o WHERE {new}) f JOIN {_CLIQUES} n ON n.root = f.root"
        )
        return self._insert(relation, rows, OBJECT, after + 1)

    def _insert(self, relation: Relation, rows: str, rule: str, step: int) -> int:
        """Insert the rows that are no facts yet; return the last step used."""
        same = "r.s = n.s AND r.o = n.o" if relation.key.klass is None else "r.s = n.s"
        sql = f"SELECT n.* FROM (SELECT DISTINCT * FROM ({rows})) n ANTI JOIN {relation.table} r ON {same}"
        count = self._facts.insert(relation, sql, g=self._g, rule=self._numbers[rule], step=step)
        if not count:
            return step - 1
        self._facts.note(
            relation.key,
            added=count,
            s_kinds=RESOURCE,
            o_kinds=relation.o_kinds | RESOURCE if relation.key.klass is None else 0,
        )
        return step
