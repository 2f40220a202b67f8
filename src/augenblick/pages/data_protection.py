"""The data protection officer's page: record of processing, legal bases, data per moment, what is never inferred."""

from __future__ import annotations

from augenblick.content import Content, MomentType
from augenblick.ingest.contract import contract
from augenblick.pages.markdown import both, code, sections, table
from augenblick.pages.processing import blacked_out, kept_without_period, measures, parties
from augenblick.pages.terms import Terms
from augenblick.policy import Policy, Rule, read_policy
from augenblick.policy.retention import read_periods

_YES_NO = {True: both("erlaubt", "permitted"), False: both("verboten", "forbidden")}


def page(content: Content) -> str:
    """Return the page; everything on it stands in the ontology."""
    policy, said = read_policy(content), Terms(content.graph)
    moments = sorted(content.moments, key=lambda moment: moment.label.de)
    return sections(
        (
            "# Datenschutz · Data protection",
            "Verzeichnis der Verarbeitungstätigkeiten (Art. 30 DSGVO), aus der Ontologie geschrieben. · "
            "*Record of processing activities (Art. 30 GDPR), written from the ontology.*",
            parties(),
            f"## {both('Zwecke und Rechtsgrundlagen', 'Purposes and legal bases')}",
            both(
                "Was hier nicht erlaubt ist, ist verboten.",
                "*What is not permitted here is forbidden.*",
            ),
            _bases(policy, said),
            f"## {both('Rollen und Zugänge', 'Roles and doors')}",
            _roles(policy),
            f"## {both('Wozu Werbung eine eigene Einwilligung braucht', 'Which advertising needs consent of its own')}",
            _channels(policy),
            f"## {both('Welche Angaben in welchen Moment eingehen', 'Which data go into which moment')}",
            table(
                (
                    both("Moment", "moment"),
                    both("Rechtsklasse", "legal class"),
                    both("Angaben", "data"),
                    both("von Angehörigen", "of relatives"),
                ),
                [_inputs(moment, said) for moment in moments],
            ),
            f"## {both('Wie lange es aufbewahrt wird', 'How long it is kept')}",
            _periods(content),
            kept_without_period(content),
            f"## {both('Welche Texte geschwärzt werden', 'Which texts are blacked out')}",
            blacked_out(content),
            f"## {both('Was nie erschlossen wird', 'What is never inferred')}",
            _never(content, policy, said),
            f"## {both('Technische und organisatorische Maßnahmen', 'Technical and organisational measures')}",
            measures(),
        )
    )


def _bases(policy: Policy, said: Terms) -> str:
    rows = []
    for (role, purpose, legal_class), rule in sorted(policy.rules.items(), key=lambda item: (item[0][1], item[0][0])):
        words = policy.purposes[purpose]
        rows.append(
            (
                both(words.de, words.en),
                both(policy.roles[role].label.de, policy.roles[role].label.en),
                said.label(legal_class),
                _YES_NO[rule.permits],
                _conditions(rule, policy),
                rule.source,
            )
        )
    head = (
        both("Zweck", "purpose"), both("Rolle", "role"), both("Rechtsklasse", "legal class"), "",
        both("Bedingung", "condition"), both("Rechtsgrundlage", "legal basis"),
    )  # fmt: skip
    return table(head, rows)


def _conditions(rule: Rule, policy: Policy) -> str:
    names = {**policy.purposes, **policy.consent_kinds}
    parts = [
        (both("Einwilligung", "consent"), rule.consents),
        (both("eine Einwilligung von", "one consent of"), rule.one_consent),
        (both("Einwilligung der anderen", "consent of the others"), rule.consents_of_others),
        (both("kein Widerspruch", "no objection"), rule.unless_objected),
    ]
    return "<br>".join(
        f"{what}: {both(names[each].de, names[each].en)}" for what, codes in parts for each in sorted(codes)
    )


def _roles(policy: Policy) -> str:
    rows = [
        (code(role.code), both(role.label.de, role.label.en), " ".join(map(code, sorted(role.doors))) or "–",
         role.smallest_group or "")
        for role in policy.roles.values()
    ]  # fmt: skip
    head = ("", both("Rolle", "role"), both("Zugänge", "doors"), both("kleinste Gruppe", "smallest group"))
    return table(head, sorted(rows))


def _channels(policy: Policy) -> str:
    return table(
        ("", both("Kanal", "channel"), both("eigene Einwilligung (§ 7 UWG)", "consent of its own (section 7 UWG)")),
        sorted(
            (code(c.code), both(c.label.de, c.label.en), both("ja", "yes") if c.own_consent else both("nein", "no"))
            for c in policy.channels.values()
        ),
    )


def _periods(content: Content) -> str:
    head = (
        both("Angaben", "data"), both("Tabelle", "table"), both("zählt ab", "counted from"),
        both("Monate", "months"), both("Rechtsgrundlage", "legal basis"),
    )  # fmt: skip
    return (
        table(
            head,
            [
                (both(p.label.de, p.label.en), code(p.table), code(p.field), p.months, p.source)
                for p in read_periods(content)
            ],
        )
        + "\n\n"
        + both("`augenblick expire` löscht, was älter ist.", "*`augenblick expire` deletes what is older.*")
    )


def _inputs(moment: MomentType, said: Terms) -> tuple[str, str, str, str]:
    own: set[str] = set()
    others: set[str] = set()
    for pattern in moment.patterns:
        named = {str(v) for values in pattern.parameters.values() for v in values if "://" in str(v)}
        shown = {said.label(iri) for iri in named if "/signal/" in iri or ("/moment/" in iri and "#" not in iri)}
        kind = said.label(pattern.kind)
        if isinstance(attribute := pattern.parameters.get("attribute", (None,))[0], str):
            field = contract().table("customers").field(attribute)
            kind = both(f"{field.description_de} ändert sich", f"{field.description} changes")
        (others if pattern.looks_at_relatives else own).update(shown or {kind})
    listed = ("<br>".join(sorted(names)) for names in (own, others))
    return (_linked(moment), said.label(moment.legal_class), *listed)  # type: ignore[return-value]


def _linked(moment: MomentType) -> str:
    return f"[{both(moment.label.de, moment.label.en)}](moments/{moment.slug}.md)"


def _never(content: Content, policy: Policy, said: Terms) -> str:
    declared = [_linked(m) for m in content.moments if {p.kind for p in m.patterns} == {"Declared"}]
    forbidden = sorted(
        {(policy.purposes[p].de, policy.purposes[p].en, said.label(c), r.reason.de, r.reason.en)
         for (_, p, c), r in policy.rules.items() if not r.permits}
    )  # fmt: skip
    return sections(
        (
            both("Nur nach eigener Erklärung, nie aus Buchungen", "Only as declared, never from bookings")
            + ": "
            + (", ".join(sorted(declared)) or "–"),
            table(
                (both("Zweck", "purpose"), both("Rechtsklasse", "legal class"), both("warum nie", "why never")),
                [(both(de, en), name, both(rde, ren)) for de, en, name, rde, ren in forbidden],
            ),
        )
    )
