"""Files that are cut off, garbled, or built to hurt: a clear error or rejects, never anything else."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from augenblick.ingest.statements import Limits, Statement, read_statement, stream_statement
from augenblick.model.errors import AugenblickError, HostileFile, UnknownFormat, UnreadableFile

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
ENTRY = (
    '<Ntry><Amt Ccy="EUR">12.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
    "<BookgDt><Dt>2026-01-15</Dt></BookgDt><ValDt><Dt>2026-01-15</Dt></ValDt><NtryDtls><TxDtls><Refs>"
    "<EndToEndId>E2E-1</EndToEndId></Refs><RltdPties><Dbtr><Pty><Nm>Bäckerei Krümel</Nm></Pty></Dbtr></RltdPties>"
    "<RmtInf><Ustrd>Lohn Januar</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
)
CAMT = (
    f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{NAMESPACE}"><BkToCstmrStmt>'
    "<GrpHdr><MsgId>M</MsgId></GrpHdr>"
    "<Stmt><Id>1</Id><CreDtTm>2026-01-31T23:00:00</CreDtTm><Acct><Id><IBAN>DE02120300000000202051</IBAN></Id></Acct>"
    f"{ENTRY * 3}</Stmt></BkToCstmrStmt></Document>"
)
MT940 = (
    ":20:STARTUMSE\n:25:DE02120300000000202051\n:28C:1/1\n:60F:C260101EUR100,00\n"
    ":61:2601150115CR12,50NTRFNONREF//B1\n:86:166?00GUTSCHRIFT?20EREF+E2E-1?21SVWZ+Lohn Januar?32Bäckerei Krümel\n"
    ":61:2601160116DR2,50NDDTNONREF//B2\n:86:105?00LASTSCHRIFT?20MREF+M1?21CRED+DE98ZZZ09999999999?22SVWZ+Strom\n"
    ":62F:C260131EUR110,00\n-\n"
)
SAMPLES = {"camt": CAMT.encode(), "mt940": MT940.encode()}


def read(folder: Path, content: bytes, limits: Limits | None = None) -> Statement:
    path = folder / "hostile"
    path.write_bytes(content)
    return read_statement(path, limits=limits)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile")


@pytest.mark.parametrize("kind", SAMPLES)
def test_file_cut_at_any_byte_gives_only_errors_of_ours(folder: Path, kind: str) -> None:
    content = SAMPLES[kind].replace(ENTRY.encode() * 3, ENTRY.encode())
    whole = read(folder, content)
    for length in range(len(content)):
        try:
            part = read(folder, content[:length])
        except AugenblickError:
            continue
        assert len(part.entries) <= len(whole.entries)


def test_camt_cut_before_its_end_is_refused_as_a_whole(folder: Path) -> None:
    content = SAMPLES["camt"]
    for length in range(content.index(b"<Ntry>"), len(content) - 1, 7):
        with pytest.raises(UnreadableFile):
            read(folder, content[:length])


def test_mt940_cut_before_its_closing_balance_is_refused_as_a_whole(folder: Path) -> None:
    content = SAMPLES["mt940"]
    for length in range(content.index(b":61:"), content.index(b":62F:") + 10):
        with pytest.raises(UnreadableFile):
            read(folder, content[:length])


@given(
    st.sampled_from(sorted(SAMPLES)),
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), min_size=1, max_size=8),
)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_file_with_garbled_bytes_gives_only_errors_of_ours(
    folder: Path, kind: str, changes: list[tuple[int, int]]
) -> None:
    content = bytearray(SAMPLES[kind])
    for place, value in changes:
        content[place % len(content)] = value
    refused = ""
    try:
        read(folder, bytes(content))
    except AugenblickError as error:
        refused = str(error)
    assert "Krümel" not in refused


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_bytes_give_only_errors_of_ours(folder: Path, content: bytes) -> None:
    for start in (b"", b":20:A\n:60F:C260101EUR1,00\n:61:", f'<Document xmlns="{NAMESPACE}">'.encode()):
        try:
            read(folder, start + content)
        except AugenblickError:
            continue


BOMBS = {
    "billion laughs": '<!DOCTYPE a [<!ENTITY l "ha">'
    + "".join(f'<!ENTITY l{n} "{f"&l{n - 1 or str()};" * 10}">' for n in range(1, 9))
    + "]>",
    "external entity": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
    "external DTD": '<!DOCTYPE Document SYSTEM "http://127.0.0.1:9/evil.dtd">',
    "parameter entity": '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p">%p;]>',
    "quadratic blow-up": f'<!DOCTYPE a [<!ENTITY q "{"q" * 50_000}">]>',
    "lower case": '<!doctype a [<!ENTITY x "y">]>',
    "behind a comment": "<!-- harmless --><?pi?>\n<!DOCTYPE a>",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("name", BOMBS)
def test_document_type_declaration_is_hostile(folder: Path, name: str, encoding: str) -> None:
    content = CAMT.replace("<Document", BOMBS[name] + "<Document", 1).replace("Lohn Januar", "&l8;&x;&q;" * 1000)
    with pytest.raises(HostileFile, match="document type"):
        read(folder, content.encode(encoding))


def test_undeclared_entity_is_refused(folder: Path) -> None:
    with pytest.raises(AugenblickError):
        read(folder, CAMT.replace("Lohn", "&lohn;").encode())


@pytest.mark.parametrize(
    "filling",
    [
        "<a>" * 100_000 + "</a>" * 100_000,
        f'<a b="{"x" * 50_000_000}"/>',
        f"<a>{'x' * 50_000_000}</a>",
        f"<{'x' * 20_000_000}/>",
    ],
    ids=["nesting", "attribute", "text", "name"],
)
def test_xml_beyond_all_measure_is_hostile(folder: Path, filling: str) -> None:
    with pytest.raises(HostileFile):
        read(folder, CAMT.replace("<NtryDtls>", filling + "<NtryDtls>", 1).encode())


def test_entry_larger_than_the_limit_is_hostile(folder: Path) -> None:
    with pytest.raises(HostileFile, match="one entry"):
        read(
            folder, CAMT.replace("<NtryDtls>", "<a/>" * 100_000 + "<NtryDtls>", 1).encode(), Limits(entry_bytes=100_000)
        )


def test_endless_prolog_is_hostile(folder: Path) -> None:
    with pytest.raises(HostileFile):
        read(folder, b"<!-- " + b"camt.053.001.08 " * 100_000 + CAMT.encode())


def test_file_larger_than_the_limit_is_not_opened(folder: Path) -> None:
    with pytest.raises(HostileFile, match="at most"):
        read(folder, CAMT.encode(), Limits(file_bytes=1000))


def test_mt940_line_without_end_is_hostile(folder: Path) -> None:
    with pytest.raises(HostileFile, match="a line"):
        read(folder, MT940.encode() + b":86:" + b"x" * 3_000_000)


def test_mt940_field_without_end_is_hostile(folder: Path) -> None:
    with pytest.raises(HostileFile, match="one field"):
        read(folder, MT940[:-2].encode() + b"x\n" * 200_000, Limits(entry_bytes=100_000))


@pytest.mark.parametrize("kind", SAMPLES)
def test_more_rejects_than_the_limit_end_the_reading(folder: Path, kind: str) -> None:
    content = SAMPLES[kind].decode().replace("12.50", "twelve").replace("R12,50", "R12.50").replace("R2,50", "R2.50")
    with pytest.raises(UnreadableFile, match="rejects"):
        read(folder, content.encode(), Limits(rejects=1))


def test_missing_file_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        read_statement(tmp_path / "nowhere.xml")


def test_folder_instead_of_a_file_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        read_statement(tmp_path)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ('<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"/>', "pain.001.001.09"),
        ('<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.056.001.08"/>', "camt.056.001.08"),
        ("<html><body/></html>", "<html>"),
        ("customer_id;amount\n1;2\n", "no XML"),
    ],
)
def test_other_file_is_an_unknown_format_that_says_what_it_is(folder: Path, content: str, what: str) -> None:
    with pytest.raises(UnknownFormat, match=what):
        read(folder, content.encode())


@pytest.mark.parametrize("kind", SAMPLES)
def test_streaming_a_long_file_takes_memory_that_does_not_grow(tmp_path: Path, kind: str) -> None:
    peaks = []
    for times in (100, 1000):
        path = tmp_path / f"{kind}-{times}"
        block = ENTRY if kind == "camt" else MT940
        path.write_text(CAMT.replace(ENTRY * 3, ENTRY * times) if kind == "camt" else block * times, "utf-8")
        tracemalloc.start()
        _, bookings = stream_statement(path)
        assert sum(1 for _ in bookings) == (times if kind == "camt" else 2 * times)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 2 + 1_000_000
