"""Bookings made readable: SEPA sub-fields taken apart, names and text in plain form, as SQL expressions."""

from __future__ import annotations

from augenblick.signals.text import (
    SECOND_READING,
    SEPARATOR,
    TAG,
    TAG_NAMES,
    is_cut_sql,
    rejoined_sql,
    with_plain_sql,
    with_readings_sql,
)

_TAGGED = f"(contains(purpose, '+') OR contains(purpose, ': ')) AND regexp_matches(purpose, '{TAG}')"
_ORDERER = r"(?i)\babw(?:\.|eichender) ?(?:auftraggeber|zahler|zahlungspflichtiger|schuldner)\b[: ]*([^/|]{3,70})"
_RECEIVER = r"(?i)\babw(?:\.|eichender) ?(?:zahlungs)?(?:empf(?:ä|ae)nger|beg(?:ü|ue)nstigter)\b[: ]*([^/|]{3,70})"


def readable_sql(source: str) -> str:
    """Return SQL for the bookings of `source` (a table or subquery) with four more columns.

    `text` (plain: counterparty | ultimate party | purpose), `counterparty`, `ultimate` (as written, the ultimate
    party also from a glued `ABWA+`/`ABWE+`; what was cut in pieces or glued together is read a second time, whole or
    apart, on a new line) and `creditor` (creditor identifier without its business code, also
    from a glued `CRED+`). The bank's own columns win over sub-fields.
    """
    identifier = f"coalesce(nullif(creditor_id, ''), CASE WHEN tagged THEN {_field('CRED')} END)"
    parted = f"""
SELECT *, nullif(counterparty_name, '') AS counterparty, {_ultimate()} AS ultimate,
  {creditor_sql(identifier)} AS creditor,
  CASE WHEN NOT tagged THEN nullif(purpose, '') WHEN contains(quick, '+') THEN {_purpose()}
    ELSE coalesce(quick, {_purpose()}) END AS said
FROM (SELECT *, CASE WHEN tagged AND contains(purpose, 'SVWZ+') THEN {_quick_purpose()} END AS quick
  FROM (SELECT *, coalesce({_TAGGED}, false) AS tagged FROM {source}))"""
    again = f"CASE WHEN {is_cut_sql('purpose')} THEN '{SECOND_READING}' || {_rejoined()} ELSE '' END"
    text = f"concat_ws('{SEPARATOR}', counterparty, ultimate, said) || {again}"
    return f"SELECT * REPLACE ({with_readings_sql('text')} AS text) FROM ({with_plain_sql(parted, text, 'text')})"


def creditor_sql(expression: str) -> str:
    """Return SQL for a creditor identifier without blanks and business code.

    Positions 5–7 are the creditor's own to vary and no part of its identity (EPC262-08, section 2).
    """
    bare = f"upper(replace({expression}, ' ', ''))"
    return f"{bare}[:4] || {bare}[8:]"


def creditor(identifier: str) -> str:
    """Return a creditor identifier without blanks and business code, as `creditor_sql` computes it."""
    bare = identifier.replace(" ", "").upper()
    return bare[:4] + bare[7:]


def _field(tag: str) -> str:
    """Return SQL for what follows a tag inside the purpose, up to the next tag; NULL without it."""
    head = " ?".join(tag)
    wanted = rf"(?:{head} ?\+|\b{tag}: )(.*?)(?:{TAG}|$)"
    found = f"nullif(trim(regexp_extract(purpose, '{wanted}', 1, 's')), '')"
    # To look is far cheaper than to extract, and few purposes have any one field.
    return rf"CASE WHEN regexp_matches(purpose, '{head} ?\+|\b{tag}: ') THEN {found} END"


def _quick_purpose() -> str:
    """Return SQL for the purpose proper where no tag is cut in two: what `_purpose` gives, at a tenth of the price.

    A plus sign that is left shows that there may be a cut tag.
    """

    # Not split_part: DuckDB expands that macro and repeats its argument, so that nesting it explodes.
    def until_tag(text: str) -> str:
        for name in TAG_NAMES:
            text = f"string_split({text}, '{name}+')[1]"
        return text

    proper = until_tag("string_split(purpose, 'SVWZ+')[2]")
    return f"{until_tag('purpose')} || ' ' || {proper}"


def _purpose() -> str:
    """Return SQL for the purpose proper: what precedes all tags and SVWZ; without SVWZ all of it, tags blank."""
    lead = f"regexp_extract(purpose, '^(.*?){TAG}', 1, 's')"
    whole = f"regexp_replace(purpose, '{TAG}', ' ', 'g')"
    return f"coalesce({lead} || ' ' || {_field('SVWZ')}, {whole})"


def _rejoined() -> str:
    """Return SQL for the purpose proper of a purpose cut into pieces, in one piece again."""
    whole = rejoined_sql("purpose")
    proper = f"nullif(regexp_extract({whole}, 'SVWZ\\+(.*?)(?:{TAG}|$)', 1), '')"
    return f"coalesce({proper}, regexp_replace({whole}, '{TAG}', ' ', 'g'))"


def _ultimate() -> str:
    """Return SQL for the ultimate party of the other side.

    `ABWA` belongs to who ordered the booking, `ABWE` to who receives it: the other side orders credits and
    direct debits (which carry a creditor identifier) and receives transfers. Some banks' exports write the tags out in
    words (“Abw. Auftraggeber: …”).
    """
    ordered = "amount > 0 OR coalesce(creditor_id, '') <> '' OR contains(purpose, 'CRED')"
    orderer, receiver = (f"nullif(trim(regexp_extract(purpose, '{words}', 1)), '')" for words in (_ORDERER, _RECEIVER))
    return (
        "coalesce(nullif(trim(ultimate_party), ''), CASE WHEN tagged THEN "
        f"CASE WHEN {ordered} THEN {_field('ABWA')} ELSE {_field('ABWE')} END END, "
        "CASE WHEN contains(purpose, 'bw') OR contains(purpose, 'BW') THEN "
        f" CASE WHEN {ordered} THEN {orderer} ELSE {receiver} END END)"
    )
