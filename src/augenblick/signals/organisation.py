"""When two names mean one payer: organisations written, cut or renamed, as SQL over names in plain form."""

from __future__ import annotations

LEGAL_FORMS = (
    "GGMBH", "GMBH", "MBH", "AG", "KGAA", "KG", "OHG", "GBR", "UG", "SE", "EG", "E V", "EV", "E K", "EK",
    "E G", "VVAG", "V V A G", "A G", "K G", "CO", "COMPAGNIE", "HAFTUNGSBESCHRAENKT", "LTD", "LIMITED", "INC",
    "PLC", "BV", "B V", "NV", "N V", "SARL", "SAS", "SA", "SPA", "SRL", "AOER", "KDOER", "PARTG", "PARTMBB", "STIFTUNG",
)  # fmt: skip
"""Words that say how an organisation is constituted, not which it is."""

RENAMINGS = ("NEUE", "NEUER", "NEUES", "GROUP", "GRUPPE", "HOLDING", "INTERNATIONAL", "DEUTSCHLAND")
"""Words that come and go when an organisation is reorganised or renamed."""

KINDS = (
    "STADT", "GEMEINDE", "LANDKREIS", "KREIS", "LAND", "FREISTAAT", "BUND", "BUNDESAGENTUR", "LANDESAMT", "AMT",
    "STADTWERKE", "UNIVERSITAET", "UNIKLINIK", "UNIVERSITAETSKLINIKUM", "HOCHSCHULE", "FACHHOCHSCHULE", "KLINIKUM",
    "KLINIK", "KRANKENHAUS", "SPARKASSE", "KREISSPARKASSE", "VOLKSBANK", "RAIFFEISENBANK", "BANK", "DEUTSCHE",
    "EVANGELISCHE", "KATHOLISCHE", "EV", "KATH", "PFARREI", "KIRCHENGEMEINDE", "BISTUM", "AUTOHAUS", "BAECKEREI",
    "PRAXIS", "ZAHNARZTPRAXIS", "APOTHEKE", "HOTEL", "RESTAURANT", "KANZLEI", "STEUERBUERO", "HAUSVERWALTUNG",
    "IMMOBILIEN", "WOHNUNGSBAU", "WOHNUNGSBAUGESELLSCHAFT", "WOHNUNGSGENOSSENSCHAFT", "FINANZAMT", "JOBCENTER",
    "AGENTUR", "LANDESHAUPTSTADT", "BEZIRKSAMT", "BUNDESLAND", "DR", "FIRMA", "FA", "GEBR", "GEBRUEDER", "DIE", "DER",
)  # fmt: skip
"""Words that say what kind of organisation it is: many different ones begin so."""

COMMON_NAMES = (
    "MUELLER", "SCHMIDT", "SCHNEIDER", "FISCHER", "WEBER", "MEYER", "MEIER", "MAIER", "MAYER", "WAGNER", "BECKER",
    "SCHULZ", "SCHULZE", "HOFFMANN", "SCHAEFER", "KOCH", "BAUER", "RICHTER", "KLEIN", "WOLF", "SCHROEDER", "NEUMANN",
    "SCHWARZ", "ZIMMERMANN", "BRAUN", "KRUEGER", "HOFMANN", "HARTMANN", "LANGE", "SCHMITT", "WERNER", "KRAUSE",
    "LEHMANN",
)  # fmt: skip
"""Family names so common that firms of that name are as a rule not the same firm."""

TRADES = (
    "[A-Z]*BAU", "[A-Z]*EREI", "[A-Z]*TECHNIK", "[A-Z]*LOGISTIK", "[A-Z]*SPEDITION", "[A-Z]*FABRIK", "[A-Z]*REINIGUNG",
    "[A-Z]*WAREN", "[A-Z]*BERATUNG", "[A-Z]*PFLEGE", "[A-Z]*DIENST", "[A-Z]*MARKT", "[A-Z]*HAUS", "[A-Z]*TEILE",
    "[A-Z]*HANDEL", "[A-Z]*MEDIEN", "[A-Z]*VERPACKUNGEN", "[A-Z]*CATERING", "[A-Z]*SOFTWARE", "[A-Z]*SERVICE",
    "[A-Z]*VERSICHERUNG", "[A-Z]*REISEN", "[A-Z]*WERKSTATT", "SANITAER", "HEIZUNG", "ELEKTRO", "LABOR", "VERLAG",
    "APOTHEKE",
)  # fmt: skip
"""Words that say what an organisation lives by: of one first word (HANSA, RHEINTAL) many different ones live."""

LIKENESS = 0.92
"""Jaro-Winkler similarity from which two whole names are taken for spellings of one."""

_LIKE_END = 0.85
_CUT = 20


def bare_name_sql(expression: str) -> str:
    """Return SQL for an organisation's bare name, from its plain form: no punctuation, legal form, word of renaming."""
    words = f"trim(regexp_replace({expression}, '[^A-Z0-9]+', ' ', 'g'))"
    forms = "|".join(sorted((*LEGAL_FORMS, *RENAMINGS), key=len, reverse=True))
    stripped = f"trim(regexp_replace(regexp_replace({words}, '\\b(?:{forms})\\b', ' ', 'g'), ' +', ' ', 'g'))"
    return f"coalesce(nullif({stripped}, ''), {words})"


def is_organisation_sql(expression: str) -> str:
    """Return SQL that holds where a plain name shows by legal form or kind that it is no private person."""
    words = f"regexp_replace({expression}, '[^A-Z0-9]+', ' ', 'g')"
    return f"regexp_matches({words}, '\\b(?:{'|'.join((*LEGAL_FORMS, *KINDS))})\\b')"


def alike_sql(a: str, b: str) -> str:
    """Return SQL that holds where two bare names (aliases of rows with `name`, `organisation`) mean one payer.

    The same letters wherever cut; the same words in any order; one name beginning with the other or cut off;
    organisations that share a distinctive first word and not each another trade (`HANSA DRUCKEREI` is not
    `HANSA CATERING`), or two first words of which the second is distinctive; or a likeness of the whole of at least
    `LIKENESS` with a like last word: `STADTWERKE ULM` is not `STADTWERKE GERA`.
    """
    x, y = f"{a}.name", f"{b}.name"
    first, second = (f"split_part({x}, ' ', {n})" for n in (1, 2))
    both = f"({a}.organisation AND {b}.organisation)"
    return f"""(replace({x}, ' ', '') = replace({y}, ' ', '')
OR list_sort(string_split({x}, ' ')) = list_sort(string_split({y}, ' '))
OR (starts_with({y} || ' ', {x} || ' ') AND {_telling(x)}) OR (starts_with({x} || ' ', {y} || ' ') AND {_telling(y)})
OR (least(length({x}), length({y})) >= {_CUT} AND (starts_with({x}, {y}) OR starts_with({y}, {x})))
OR ({both} AND {first} = split_part({y}, ' ', 1) AND {_telling(first)} AND NOT ({_other_trade(x, y)}))
OR ({both} AND {first} = split_part({y}, ' ', 1) AND {second} = split_part({y}, ' ', 2) AND {_telling(second)})
OR (jaro_winkler_similarity({x}, {y}) >= {LIKENESS} AND
    jaro_winkler_similarity(string_split({x}, ' ')[-1], string_split({y}, ' ')[-1]) >= {_LIKE_END}))"""


def _other_trade(x: str, y: str) -> str:
    mine, theirs = (f"regexp_extract({name}, ' ({'|'.join(TRADES)})\\b', 1)" for name in (x, y))
    return f"{mine} <> {theirs} AND {mine} <> '' AND {theirs} <> ''"


def _telling(word: str) -> str:
    listed = ", ".join(f"'{entry}'" for entry in (*KINDS, *COMMON_NAMES))
    return f"(length({word}) >= 4 AND {word} NOT IN ({listed}))"
