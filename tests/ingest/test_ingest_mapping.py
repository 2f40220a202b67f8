"""Mapping files: what they can say, and what they are told when they say something else."""

from __future__ import annotations

from pathlib import Path

import pytest
from ingest_bank import Bank

from augenblick.model.errors import BadMapping, UnreadableFile

FILES = 'files:\n  people: {path: people.txt, delimiter: ";"}\n  towns: {path: towns.txt}\n'
CUSTOMERS = FILES + "tables:\n  customers:\n    from: people\n    fields:\n      customer_id: no\n"


@pytest.fixture
def foreign(bank: Bank) -> Bank:
    bank.write("people.txt", "No;Name;Born;Town;Kind;Boss\n1;Ott;31.12.89;7;P;\n2;Roth;01.02.03;8;P;1\n3;GmbH;;9;C;\n")
    bank.write("towns.txt", "id,name\n7,Ulm\n8,Bonn\n")
    return bank


def _load(bank: Bank, text: str) -> None:
    path = bank.folder.parent / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    bank.load(mapping=path)


def _field(bank: Bank, name: str, value: str) -> list:
    _load(bank, CUSTOMERS + f"      {name}: {value}\n")
    return [row[0] for row in bank.rows(f"SELECT {name} FROM bank.customers ORDER BY customer_id")]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("name", ["Ott", "Roth", "GmbH"]),
        ("people.NAME", ["Ott", "Roth", "GmbH"]),
        ('{constant: "O\'Hara"}', ["O'Hara"] * 3),
        ("{constant: ~}", [None] * 3),
        ('{concat: [kind, boss, name], separator: "-"}', ["P-Ott", "P-1-Roth", "C-GmbH"]),
        ("{substr: name, from: 2, length: 2}", ["tt", "ot", "mb"]),
        ("{lookup: kind, in: {P: person, C: company}}", ["person", "person", "company"]),
        ("{lookup: kind, in: {P: person}}", ["person", "person", "C"]),
        ("{lookup: kind, in: {P: person}, otherwise: ~}", ["person", "person", None]),
        ('{lookup: boss, in: {"": none}, otherwise: {constant: some}}', ["none", "some", "none"]),
        ('{number: born, thousands: "."}', ["311289", "010203", None]),
        ('{case: [{when: {kind: P, boss: ""}, then: name}], else: {constant: x}}', ["Ott", "x", "x"]),
        ("{case: [{when: {kind: [C, D]}, then: name}]}", [None, None, "GmbH"]),
        ("{case: [{when: {name: {not: [Ott, Roth]}}, then: name}]}", [None, None, "GmbH"]),
        ("{signed: no, by: kind, negative: [P]}", ["-1", "-2", "3"]),
        ("{signed: no, by: kind, negative: [P], positive: [Q]}", ["-1", "-2", "3 with unknown sign"]),
    ],
)
def test_expression_gives_its_value(foreign: Bank, value: str, expected: list) -> None:
    assert _field(foreign, "occupation", value) == expected


def test_date_with_pivot_and_months_is_iso(foreign: Bank) -> None:
    _load(foreign, CUSTOMERS + "      birth_date: {date: born, format: DD.MM.YY, pivot: 20}\n")
    assert [str(r[0]) for r in foreign.rows("SELECT birth_date FROM bank.customers ORDER BY customer_id")] == [
        "1989-12-31",
        "2003-02-01",
        "None",
    ]


@pytest.mark.parametrize(
    ("number", "birth_date", "sex"),
    [("706213", "1970-12-13", "female"), ("450204", "1945-02-04", "male"), ("015131", "1901-01-31", "female")],
)
def test_birth_number_tells_date_and_sex(bank: Bank, number: str, birth_date: str, sex: str) -> None:
    bank.write("people.txt", f"no\n{number}\n")
    bank.write("towns.txt", "id\n1\n")
    date = "      birth_date: {birth_number: no, gives: birth_date, century: 19}\n"
    _load(bank, CUSTOMERS + date + "      sex: {birth_number: no, gives: sex}\n")
    assert [(str(d), s) for d, s in bank.rows("SELECT birth_date, sex FROM bank.customers")] == [(birth_date, sex)]


def test_date_of_another_form_is_rejected_with_the_banks_own_row(foreign: Bank) -> None:
    foreign.write("people.txt", "No;Name;Born\n1;Ott;1989\n")
    _load(foreign, CUSTOMERS + "      birth_date: {date: born, format: DD.MM.YY, century: 19}\n")
    assert foreign.rejects() == [("people.txt", 2, "birth_date", "bad date")]
    assert foreign.rows("SELECT row FROM bank.rejects") == [('{"no":"1","name":"Ott","born":"1989"}',)]


def test_join_where_and_two_entries_fill_tables(foreign: Bank) -> None:
    _load(
        foreign,
        FILES + "tables:\n  customers:\n    - from: people\n      where: {kind: P}\n"
        "      join: {file: towns, on: {town: id}}\n      fields: {customer_id: no, city: towns.name}\n"
        "    - from: people\n      where: {kind: {not: P}}\n"
        "      fields: {customer_id: {concat: [{constant: C}, no]}}\n"
        "  relations:\n    from: people\n    join: {file: people, as: chief, on: {boss: no}, keep: matched}\n"
        "    fields: {customer_id: chief.no, related_customer_id: no, relation: {constant: employer_of}}\n",
    )
    assert foreign.rows("SELECT customer_id, city, _line FROM bank.customers ORDER BY 1") == [
        ("1", "Ulm", 2),
        ("2", "Bonn", 3),
        ("C3", None, 4),
    ]
    assert foreign.rows("SELECT customer_id, related_customer_id, relation, _line FROM bank.relations") == [
        ("1", "2", "employer_of", 3)
    ]


def test_foreign_export_loaded_twice_changes_nothing(foreign: Bank) -> None:
    _load(foreign, CUSTOMERS)
    before = foreign.rows("FROM bank.files") + foreign.rows("FROM bank.loads")
    _load(foreign, CUSTOMERS)
    assert foreign.rows("FROM bank.files") + foreign.rows("FROM bank.loads") == before


def test_changed_mapping_reads_the_files_again(foreign: Bank) -> None:
    _load(foreign, CUSTOMERS)
    _load(foreign, CUSTOMERS + "      family_name: name\n")
    assert foreign.rows("SELECT family_name FROM bank.customers ORDER BY 1") == [("GmbH",), ("Ott",), ("Roth",)]


def test_several_files_of_one_pattern_are_one(foreign: Bank) -> None:
    foreign.write("people-2.txt", "No;Name;Born;Town;Kind;Boss\n4;Abel;;7;P;\n")
    _load(foreign, CUSTOMERS.replace("people.txt", '"people*.txt"'))
    assert foreign.rows("SELECT count(*) FROM bank.customers") == [(4,)]


def test_files_of_the_contract_beside_a_foreign_export_are_read(foreign: Bank) -> None:
    foreign.write("accounts.csv", "account_id,kind,currency\na1,giro,EUR\n")
    _load(foreign, CUSTOMERS)
    assert foreign.rows("SELECT count(*) FROM bank.accounts") == [(1,)]


def test_declared_encoding_is_read(foreign: Bank) -> None:
    foreign.write("people.txt", "No;Name\n1;Müller\n".encode("windows-1250"))
    text = CUSTOMERS.replace('delimiter: ";"', 'delimiter: ";", encoding: windows-1250')
    _load(foreign, text + "      family_name: name\n")
    assert foreign.rows("SELECT family_name FROM bank.customers") == [("Müller",)]


def test_bytes_outside_the_declared_encoding_are_an_error(foreign: Bank) -> None:
    foreign.write("people.txt", b"No;Name\n1;ok\n2;\x81\n")
    with pytest.raises(UnreadableFile) as caught:
        _load(foreign, CUSTOMERS.replace('delimiter: ";"', 'delimiter: ";", encoding: windows-1252'))
    assert caught.value.where == "people.txt line 3"


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        ("", None, "empty", None),
        ("files: [", 1, "no valid YAML", None),
        ("files: {a: &x {path: a}, b: *x}\n", 1, "no valid YAML", "aliases"),
        ("files: {}\nfiles: {}\n", 2, "'files' stands twice", None),
        ("files: {}\n", 1, "'tables' is missing", None),
        ("file: {}\ntables: {}\n", 1, "there is no 'file' here", "'files'"),
        (FILES + "tables: {customer: {from: people, fields: {}}}\n", 4, "no table 'customer'", "'customers'"),
        (
            CUSTOMERS + "      ctiy: town\n",
            9,
            "fields.ctiy: the table customers has no field",
            "'city'",
        ),
        (
            CUSTOMERS + "      city: twon\n",
            9,
            "fields.city: there is no column 'twon' in people",
            "'town'",
        ),
        (CUSTOMERS + "      city: twons.name\n", 9, "no file 'twons' here", None),
        (CUSTOMERS + "      city: {constnt: a}\n", 9, "no function 'constnt'", "'constant'"),
        (CUSTOMERS + "      city: {lookup: town, in: places}\n", 9, "no code list 'places'", None),
        (CUSTOMERS + "      city: {substr: town}\n", 9, "'from' is missing", None),
        (CUSTOMERS + "      city: {substr: town, from: x}\n", 9, "a whole number", None),
        (CUSTOMERS + "      birth_date: {date: born, format: DD.MM.YY}\n", 9, "the year is not clear", "pivot"),
        (CUSTOMERS + "      birth_date: {date: born, format: QQ.YYYY}\n", 9, "'Q' means nothing", None),
        (CUSTOMERS.replace("customer_id: no", "city: no"), 8, "required field 'customer_id' is missing", None),
        (CUSTOMERS.replace("from: people", "from: poeple"), 6, "no file 'poeple'", "'people'"),
        (CUSTOMERS.replace("people.txt", "peple.txt"), 2, "no file 'peple.txt' in the folder", "'people.txt'"),
        (CUSTOMERS.replace("people.txt", "../people.txt"), 2, "plain file name", None),
        (CUSTOMERS.replace('delimiter: ";"', "encoding: klingon"), 2, "unknown encoding 'klingon'", "utf-8"),
        (CUSTOMERS.replace('";"', '";;"'), 2, "the delimiter is one character", None),
    ],
)
def test_bad_mapping_names_line_and_mend(
    foreign: Bank, text: str, line: int | None, message: str, hint: str | None
) -> None:
    with pytest.raises(BadMapping) as caught:
        _load(foreign, text)
    assert caught.value.where == ("mapping.yaml" if line is None else f"mapping.yaml line {line}")
    assert message in caught.value.message
    assert (hint or "") in (caught.value.hint or "")


@pytest.mark.parametrize("evil", ["x'); DROP TABLE bank.customers; --", 'a"b', "'; ATTACH 'x.db'; '", "\\'"])
def test_text_in_a_mapping_stays_text(foreign: Bank, evil: str, tmp_path: Path) -> None:
    quoted = "'" + evil.replace("'", "''") + "'"
    foreign.write("people.txt", "No;Name\n1;" + '"' + evil.replace('"', '""') + '"\n')
    _load(
        foreign,
        CUSTOMERS
        + f"      city: {{constant: {quoted}}}\n      street: {{lookup: name, in: {{{quoted}: {quoted}}}}}\n"
        + f"      occupation: {{concat: [no, no], separator: {quoted}}}\n"
        + f"      family_name: {{case: [{{when: {{name: {quoted}}}, then: {{constant: hit}}}}]}}\n",
    )
    assert foreign.rows("SELECT city, street, occupation, family_name FROM bank.customers") == [
        (evil, evil, f"1{evil}1", "hit")
    ]


def test_column_named_like_sql_stays_a_name(foreign: Bank) -> None:
    name = 'x" FROM secrets; --'
    foreign.write("people.txt", f"no;'{name}'\n1;Ulm\n".replace("'", ""))
    with pytest.raises(BadMapping):
        _load(foreign, CUSTOMERS + f"      city: '{name} '\n")
