"""What German statement texts mean: each line one booking, and the signals it must carry, no other."""

from __future__ import annotations

from datetime import date

import pytest
from content_plain_line import bank
from rdflib import URIRef

from augenblick.content import Content
from augenblick.model.terms import AUG
from augenblick.signals import detect

NOTHING: frozenset[str] = frozenset()

LINES: list[tuple[float, str, str, dict[str, str], str]] = [
    # salary and what looks like it
    (2450, "Siemens AG", "Lohn/Gehalt 05/2026", {}, "salary"),
    (2450, "Nordwerk AG", "", {"gvc": "153"}, "salary"),
    (2450, "Nordwerk AG", "", {"purpose_code": "SALA"}, "salary"),
    (2450, "Landesamt für Besoldung", "BEZUEGE 05/2026 PERS.NR. 1", {"gvc": "153"}, "salary"),
    (2450, "Familienkasse Musterau", "Gehalt 05/2026", {"purpose_code": "SALA"}, "salary"),
    (2450, "Lohnbüro Meier", "LOHN MAI", {"ultimate_party": "Nordwerk AG"}, "salary"),
    (-2450, "Nordwerk AG", "Lohn/Gehalt 05/2026", {}, ""),
    (310, "Finanzamt Musterau", "Erstattung Lohnsteuer 2025", {}, ""),
    (310, "Lohnsteuerhilfeverein", "Lohnsteuerhilfe Rückzahlung", {}, ""),
    (180, "Nordwerk AG", "Reisekosten Gehaltsabrechnung", {"gvc": "153"}, "expense-refund"),
    (500, "Max Muster", "Dauerauftrag Haushaltsgeld Lohn", {}, ""),
    (40, "Nordwerk AG", "VL-Leistung", {"gvc": "154", "purpose_code": "CBFF"}, "capital-forming-benefit"),
    (880, "Tischlerei Holm", "Ausbildungsvergütung 05/26", {"gvc": "153"}, "training-pay"),
    (880, "Tischlerei Holm", "AUSBILDUNGSVERGUETUNG", {}, "training-pay"),
    (520, "Café Nord", "Aushilfslohn Mai", {"gvc": "153"}, "casual-pay"),
    (9000, "Nordwerk AG", "Abfindung gem. Aufhebungsvertrag", {}, "severance-pay"),
    # family
    (259, "Bundesagentur für Arbeit - Familienkasse", "KG237007FK840606 0426", {"gvc": "156"}, "child-benefit"),
    (259, "BUNDESAGENTUR FUER ARBEIT", "KG 237007 FK 840606 0426", {}, "child-benefit"),
    (259, "Bundesagentur für Arbeit", "", {"purpose_code": "BECH"}, "child-benefit"),
    (297, "Familienkasse Bayern Nord", "Kinderzuschlag KIZ 05/26", {}, ""),
    (25, "Oma Inge", "Kindergeld von Oma", {}, ""),
    (1800, "Elterngeldstelle Kreis Musterau", "Elterngeld Anna", {}, "parental-allowance"),
    (390, "Musterkrankenkasse", "MUTTERSCHAFTSGELD 03.05.-02.06.", {}, "maternity-benefit"),
    # out of work, ill, studying
    (1240, "Bundesagentur für Arbeit", "ALG I 735D112233 05.2026", {"purpose_code": "BENE"}, "unemployment-benefit"),
    (1240, "Bundesagentur f. Arbeit", "Arbeitslosengeld", {}, "unemployment-benefit"),
    (563, "Jobcenter Musterau", "Arbeitslosengeld II / Bürgergeld", {"gvc": "156"}, "basic-income-support"),
    (560, "Jobcenter Musterau", "KDU Miete Mieter Sommer", {"purpose_code": "BENE"}, ""),
    (3900, "Bundesagentur für Arbeit", "Kurzarbeitergeld KUG 04/26", {}, ""),
    (1900, "Musterkrankenkasse", "Krankengeld 03/2026", {}, "sick-pay"),
    (934, "Studierendenwerk", "BAFÖG 05/2026", {}, "student-grant"),
    (-130, "Bundesverwaltungsamt", "BAföG Rückzahlung", {}, ""),
    (-310, "Universität Musterau", "SEMESTERBEITRAG WS 2026/27 MATRIKELNR 1", {}, "semester-fee"),
    (-60, "Universität Musterau", "Alumni Semesterbeitrag Verein", {}, ""),
    # pensions
    (1480, "Renten Service", "RV.RENTE 02.2026", {"gvc": "153"}, "pension"),
    (1480, "Deutsche Rentenversicherung Bund", "Altersrente 05/26", {"purpose_code": "PENS"}, "pension"),
    (900, "Renten Service", "RV WITWENRENTE 02.2026", {"gvc": "153", "purpose_code": "PENS"}, "survivor-pension"),
    (900, "Renten Service", "GR. WITWERRENTE 02.2026", {"gvc": "153"}, "survivor-pension"),
    (210, "Renten Service", "HALBWAISENRENTE 02.2026", {"gvc": "153"}, "other-pension"),
    (700, "Renten Service", "RENTE WEGEN VOLLER ERWERBSMINDERUNG", {"gvc": "153"}, "other-pension"),
    (2450, "Deutsche Rentenversicherung Bund", "Gehalt 05/2026", {"gvc": "153"}, "salary"),
    (-120, "Pension Seeblick", "Übernachtung", {}, ""),
    # home
    (-820, "Wohnbau eG", "Miete Wohnung 12 Mai", {}, "rent"),
    (-820, "Hausverwaltung Krüger", "", {"purpose_code": "RENT"}, "rent"),
    (-320, "Sixt Autovermietung", "Miete PKW", {}, "rental-car"),
    (-80, "Wohnbau eG", "Miete Stellplatz Tiefgarage", {}, ""),
    (-75, "Mieterverein Musterau", "Beitrag Miete Rechtsschutz", {}, ""),
    (-2400, "Hausverwaltung Krüger", "Mietkaution Lindenweg 12", {}, "rental-deposit"),
    (-500, "Sixt Autovermietung", "Kaution Mietwagen", {}, "rental-car"),
    (-74, "Stadtwerke Musterau", "S/8366 Talstr.3 Strom Abschlag", {}, "energy-supply"),
    (-74, "Stadtwerke Musterau", "Hallenbad Eintritt Abschlag Schwimmbad", {}, ""),
    (-980, "Umzüge Blitz", "Rechnung Umzug", {}, "mover"),
    (-980, "Blitz GmbH", "Rechnung 77", {"mcc": "4214"}, "mover"),
    (-31, "Deutsche Post", "NACHSENDEAUFTRAG 12 Monate", {}, "mail-forwarding"),
    # the rest
    (-4800, "Bestattungshaus Ruhe", "Rechnung 1", {}, "funeral"),
    (-300, "Sterbekasse", "Bestattungsvorsorge Beitrag", {}, ""),
    (-350, "Tierbestattung Regenbogen", "Rechnung", {}, ""),
    (-90, "BabyOne", "Kartenzahlung", {"mcc": "5641"}, "infant-wear"),
    (-200, "Pia", "Taschengeld Enkel", {}, "gift-to-child pocket-money"),
    (-200, "Familie Berg", "Zur Geburt unserer Nichte", {}, ""),
    (-40, "Sparkasse Parkhaus", "Unterhaltung", {}, ""),
    # what other wordings of the same offices, employers and banks mean
    (2628, "DATEV Lohnservice eG", "LOHN 102025", {"gvc": "153", "ultimate_party": "Unimedizin Ulm"}, "salary"),
    (2000, "Landesamt für Besoldung und Versorgung", "Gehaltszahlung Juli", {"gvc": "153"}, "salary"),
    (1263, "Landesamt für Besoldung und Versorgung", "SVWZ+VERSORGUNG ME IER 10.25", {"gvc": "153"}, "pension"),
    (2100, "Stadt Musterau", "Beschäftigtenentgelt 05/2026", {}, "salary"),
    (2100, "Muster GmbH", "LG 05/2026 PNR 4711", {}, "salary"),
    (1200, "Muster GmbH", "Auszubildendenvergütung Mai", {}, "training-pay"),
    (450, "Muster AG", "Firmenrente 05/26", {}, "pension"),
    (900, "DRV Bund", "Rente wg. voller Erwerbsminderung", {}, "other-pension"),
    (-12, "SPAR 482", "VISA 04.11 HR SPLIT", {"gvc": "106"}, "foreign-card-use"),
    (-12, "BIM A.S.", "AT VILLACH 16.04 19:18 KARTE 1", {}, "foreign-card-use"),
    (-12, "Athena Beach Rhodos GR", "2025-05-12T10:06 Debitk.1", {}, "foreign-card-use"),
    (-12, "Backwerk Rostock", "SVWZ+Kartenzahlung 16.08 Ro stock", {"gvc": "106"}, ""),
    (-12, "Bäckerei Kornblume", "SVWZ+2025-01-30T16:37 Debit k.1 2027-12", {}, ""),
    (-253, "Reha-Klinik Waldblick", "Badekur Eigenanteil", {"mcc": "8099"}, ""),
    (-68, "Deutsche Rentenversicherung Bund", "Zuzahlung AHB 01.06.2026-30.06.2026", {}, "rehab"),
    (-1955, "Notariatskasse Musterau", "Kostenrechnung 3617346 Kaufvertrag", {}, "notary"),
    (-1553, "FS Schulterblick GmbH", "Fuehrerschein Anmeldung", {}, "driving-school"),
    (-357, "Gasthof zur Linde", "Kartenzahlung", {}, ""),
    (5185, "Muster Versicherungs-AG", "SN 3792 KH-Schaden vom 17.07.2026", {}, "car-claim-credit"),
    (-4177, "Identica Musterau", "RG 7061 Unfallschaden vorne links", {}, "workshop"),
    (-30073, "Finanzamt Ulm Grunderwerbsteuer", "Grunderwerbst. 36173465 Mühlenweg 1", {}, "property-transfer-tax"),
    (2217, "Friseur Kerstin", "EREF+NOTPROVIDEDSVWZ+BEZUEG E April 2025", {}, "salary"),
    (2217, "Friseur Kerstin", "EREF+NOTPROVIDEDSVWZ+Verdie nstabrechnung 11.24", {}, "salary"),
    (-700, "Hausverwaltung Ulm", "Mie te 05/2026", {}, "rent"),
    (-561, "Verkehrsinstitut Dorn", "RNr 2026-685 Sonderfahrten", {}, "driving-school"),
    (-8140, "Landgasthaus zur Muehle", "Trauung und Feier 21.05.26", {}, "wedding-costs"),
    (-20, "Souvenir Olimpia", "RHODOS/GR 02.10 09:45 ME0", {"gvc": "106"}, "foreign-card-use"),
    (-20, "Gelateria Venezia//Musterau/DE", "2025-07-28T20:44 Debitk.1 2027-12", {}, ""),
    (-20, "EDEKA Wuerzburg", "Wuerzburg/DE 02.11 11:38 ME 0", {"gvc": "106"}, ""),
    (-180, "Diagnostikzentrum", "Wahlleistung Darmspiegelung", {}, ""),
    (20223, "Nachlasskonto Gerda Pohl", "Verteilung Nachlasskonto", {}, "estate-credit"),
    # journeys: how operators, portals, ferries, landlords of holiday homes and guests word them
    (-1240, "Huber Marianne", "FeWo Seestern 12.07.-19.07.26", {}, "travel-agent"),
    (-890, "Fam. Petersen", "Miete Ferienwohnung Sylt Anreise 03.08.", {}, "travel-agent"),
    (-1890, "Ikarus Tours GmbH", "RG 4711 Namibia", {}, "travel-agent"),
    (-640, "Stena Line GmbH", "Buchung 77123 Kiel-Göteborg", {}, "travel-agent"),
    (-1320, "Meier Wohnmobilvermietung", "Wohnmobil-Miete 01.-14.08.", {}, "travel-agent"),
    (-2300, "Sonnenklick GmbH", "Restreisepreis Vorgangsnummer 998123", {}, "travel-agent"),
    (-1500, "Jens Kaiser", "Anteil Sommerurlaub Kroatien", {}, "travel-agent"),
    (-760, "Pension Alpenblick", "7 Nächte 2 Pers. Halbpension", {}, "hotel"),
    (-540, "Gasthof Hirsch", "Zimmer 4 Anreise 02.05.", {}, "hotel"),
    (-410, "airBaltic", "Flug RIX - MUC", {}, "airline"),
    (-360, "Rechnung 8812", "Hinflug 03.06. Rückflug 17.06.", {}, "airline"),
    (-950, "Busunternehmen Kraus", "Schülerbeförderung Schulbus Reisen", {}, ""),
    (-310, "DB Vertrieb GmbH Reisezentrum", "Abo Monatskarte", {}, ""),
    (-380, "Schulkonto Gymnasium Nord", "Kursfahrt Toskana Reise", {}, ""),
    (-780, "Seniorenresidenz Abendruh", "Zimmer 12 Juni Vollpension", {}, ""),
    (-48500, "Caravan Kröger", "Kaufpreis Reisemobil Buchung 12", {}, ""),
    (-650, "Reha-Klinik Nordsee", "Aufenthalt Zimmer 14 Anreise 03.08.", {}, "rehab"),
    (-720, "Wohnpark Haus 4", "Miete Apartment 05/2026", {}, "rent"),
    # lessons, tests and the licensing office
    (-390, "Drive & Go GmbH", "Grundbetrag Klasse B197", {}, "driving-school"),
    (-450, "Ferienfahrschule Blitz", "RG 8", {}, "driving-school"),
    (-220, "Fahrzentrum Mitte", "Übungsstunden", {}, "driving-school"),
    (-130, "TÜV | DEKRA arge tp 21", "Prüfauftrag 99123 Kl. B", {}, "driving-test-fee"),
    (-130, "TUEV SUED", "FE-Prakt. Pruef. 55123", {}, "driving-test-fee"),
    (-130, "DEKRA Automobil GmbH", "Prüfentgelt BF17 Bewerber 12", {}, "driving-test-fee"),
    (-25, "arge tp 21", "Theor. Prüfung Kl. B", {}, "driving-theory-fee"),
    (-45, "Landratsamt Musterau", "Führerschein BF17 Antrag", {}, "driving-licence-fee"),
    (-43, "Stadtkasse Musterau", "FE-Ersterteilung 123", {}, "driving-licence-fee"),
    (-43, "Kreiskasse Musterau", "Begleitetes Fahren Az. 7", {}, "driving-licence-fee"),
    (-29, "Stadt Musterau Führerscheinstelle", "Umtausch Führerschein", {}, ""),
    (-160, "Landkreis Musterau", "Neuerteilung Fahrerlaubnis", {}, ""),
    (-28, "Landratsamt Musterau", "Bußgeld Fahrerlaubnis", {}, ""),
    (-190, "Bootsfahrschule Seebär", "Sportboot Grundbetrag", {}, ""),
    (-149, "TÜV Nord", "HU/AU Kl. B Fahrzeug", {}, "vehicle-inspection"),
    # the death of a partner, of somebody else, and what is no death
    (612, "Renten Service", "GR.WITW.RENTE 03.26", {"gvc": "153"}, "survivor-pension"),
    (612, "Renten Service", "WITW.-RT 03.26", {}, "survivor-pension"),
    (2140, "Renten Service", "Sterbe-Vierteljahr Vorschuss", {}, "survivor-pension"),
    (390, "VBL Karlsruhe", "HINT-RENTE 04/26", {}, "survivor-pension"),
    (1180, "Landesamt f. Besoldung", "Witwenversorgung 04/26", {}, "survivor-pension"),
    (510, "BG Bau", "Rente nach verstorbenem Ehemann", {}, "survivor-pension"),
    (190, "Renten Service", "HALBWAISENR. HINTERBL.RENTE WAISEN", {"gvc": "153"}, "other-pension"),
    (-1250, "Stadt Musterau Friedhofswesen", "Grabstelle Feld 7", {}, "funeral"),
    (-2980, "Pietät Müller", "Rechnung 26-118", {}, "funeral"),
    (-4100, "Meyer & Sohn", "Feuerbestattung Rg 12", {}, "funeral"),
    (-890, "FriedWald GmbH", "Baumplatz", {}, "funeral"),
    (-240, "Friedhofsgärtnerei Grün", "Dauergrabpflege 2026", {}, ""),
    (-320, "Kleintierkrematorium", "Rechnung Rex", {}, ""),
    # words that are also codes, names that banks cut, inns and insurers that only sound like it
    (-11, "Parkhaus am Dom", "", {"gvc": "106", "mcc": "7523"}, ""),
    (-11, "PARKHAUS AM DOM", "2025-05-04T17:53 Debitk.1 2027-12", {"gvc": "106"}, ""),
    (-65, "Bavaro Beach Bar", "Punta Cana DOM 2025-05-04T17:53 Debitk.1", {"gvc": "106"}, "foreign-card-use"),
    (-45, "Altes Standesamt Cafe-Bar", "Kartenzahlung", {"mcc": "5812"}, ""),
    (-110, "STANDESAMT TRIER", "EHESCHLIESSUNG GEBUEHR 18515", {}, "civil-wedding"),
    (2088, "DEUTSCHE POST AG RENTEN SER", "RV-RENTE 80176 05/2026", {"gvc": "153"}, "pension"),
    (405, "KVBW ZUSATZVERSORGUNG", "VBLRENTE 06.2026 VERS.NR. 9", {"gvc": "153"}, "pension"),
    (1082, "LANDESAMT F. BESOLDUNG U. V", "VERSORGUNGSBEZUGE 03/2025 1 6431", {"gvc": "153"}, "pension"),
]  # fmt: skip


@pytest.fixture(scope="module")
def carried(content: Content) -> dict[str, frozenset[str]]:
    """The signals each line carries, all lines classified in one pass."""
    rows: list[dict[str, object]] = [
        {"transaction_id": str(n), "account_id": "a", "booking_date": date(2026, 5, 4), "amount": amount,
         "counterparty_name": party, "purpose": purpose, "currency": "EUR", **more}
        for n, (amount, party, purpose, more, _) in enumerate(LINES)
    ]  # fmt: skip
    holders = [{"account_id": "a", "customer_id": "anna", "role": "owner"}]
    accounts = [{"account_id": "a", "kind": "giro", "currency": "EUR"}]
    connection = bank({"accounts": accounts, "account_holders": holders, "transactions": rows})
    detect(connection, content.signals, as_of=date(2026, 6, 30))
    found: dict[str, set[str]] = {}
    for number, signal in connection.execute("SELECT transaction_id, signal FROM evidence.occurrences").fetchall():
        found.setdefault(number, set()).add(signal.rsplit("/", 1)[-1])
    return {number: frozenset(signals) for number, signals in found.items()}


@pytest.mark.parametrize("number", range(len(LINES)), ids=lambda n: f"{LINES[n][1]} | {LINES[n][2]}")
def test_statement_line_carries_its_signal_and_no_other(carried: dict[str, frozenset[str]], number: int) -> None:
    wanted = LINES[number][4]
    assert carried.get(str(number), NOTHING) == frozenset(wanted.split())


def test_every_signal_is_used_or_ranks_another_out(content: Content) -> None:
    used = {str(value) for p in content.patterns for name, values in p.parameters.items() for value in values}
    ranked = {iri for signal in content.signals for iri in signal.unless_carries}
    presuming = {str(signal) for signal in content.graph.objects(None, URIRef(AUG + "signal"))}
    assert {signal.iri for signal in content.signals} <= used | ranked | presuming
