-- The ten moments of the benchmark, written by hand for DuckDB: what the line is measured against.
--
-- content: b92e2b0
-- The same meaning as ontology/signals, ontology/patterns and ontology/moments had in that commit, with
-- everything a hand may do and a general engine may not: only the columns, signals, series and steps these ten
-- moments need; one loose look per booking before the exact ones; each distinct text judged once; no ids, no RDF, no
-- proofs, no tables kept. Expects the variables `folder` (Parquet in the contract's form) and `as_of` (DATE).
-- Leaves the table `moments`. A line `-- stage:` begins a stage that the benchmark times.

-- stage: read
CREATE MACRO says(plain, folded, pattern, folded_pattern) AS
  regexp_matches(plain, pattern) OR regexp_matches(folded, folded_pattern);
CREATE MACRO plainly(t) AS regexp_replace(trim(strip_accents(replace(replace(replace(replace(
  upper(t), 'Ä', 'AE'), 'Ö', 'OE'), 'Ü', 'UE'), 'ß', 'SS'))), '\s+', ' ', 'g');
CREATE MACRO folding(t) AS replace(replace(replace(replace(t, ' ', ''), 'AE', 'A'), 'OE', 'O'), 'UE', 'U');
CREATE MACRO bare(t) AS trim(regexp_replace(regexp_replace(
  regexp_replace(plainly(t), '[^A-Z0-9]+', ' ', 'g'), '\b(?:HAFTUNGSBESCHRAENKT|INTERNATIONAL|DEUTSCHLAND|NEUER?|NEUES|GROUP|GRUPPE|HOLDING|COMPAGNIE|STIFTUNG|V V A G|LIMITED|PARTMBB|GGMBH|KDOER|PARTG|GMBH|KGAA|VVAG|SARL|AOER|MBH|OHG|GBR|E V|E K|E G|A G|K G|LTD|INC|PLC|B V|N V|SAS|SPA|SRL|AG|KG|UG|SE|EG|EV|EK|CO|BV|NV|SA)\b', ' ', 'g'), ' +', ' ', 'g'));
CREATE MACRO words(t) AS ' ' || trim(replace(replace(replace(
  regexp_replace(plainly(t), '[^A-Z]+', ' ', 'g'), 'AE', 'A'), 'OE', 'O'), 'UE', 'U')) || ' ';
CREATE MACRO telling(word) AS length(word) >= 4 AND NOT regexp_full_match(word, 'STADT|GEMEINDE|LANDKREIS|KREIS|LAND|FREISTAAT|BUND|BUNDESAGENTUR|LANDESAMT|AMT|STADTWERKE|UNIVERSITAET|UNIKLINIK|UNIVERSITAETSKLINIKUM|HOCHSCHULE|FACHHOCHSCHULE|KLINIKUM|KLINIK|KRANKENHAUS|SPARKASSE|KREISSPARKASSE|VOLKSBANK|RAIFFEISENBANK|BANK|DEUTSCHE|EVANGELISCHE|KATHOLISCHE|EV|KATH|PFARREI|KIRCHENGEMEINDE|BISTUM|AUTOHAUS|BAECKEREI|PRAXIS|ZAHNARZTPRAXIS|APOTHEKE|HOTEL|RESTAURANT|KANZLEI|STEUERBUERO|HAUSVERWALTUNG|IMMOBILIEN|WOHNUNGSBAU|WOHNUNGSBAUGESELLSCHAFT|WOHNUNGSGENOSSENSCHAFT|FINANZAMT|JOBCENTER|AGENTUR|LANDESHAUPTSTADT|BEZIRKSAMT|BUNDESLAND|DR|FIRMA|FA|GEBR|GEBRUEDER|DIE|DER|MUELLER|SCHMIDT|SCHNEIDER|FISCHER|WEBER|MEYER|MEIER|MAIER|MAYER|WAGNER|BECKER|SCHULZ|SCHULZE|HOFFMANN|SCHAEFER|KOCH|BAUER|RICHTER|KLEIN|WOLF|SCHROEDER|NEUMANN|SCHWARZ|ZIMMERMANN|BRAUN|KRUEGER|HOFMANN|HARTMANN|LANGE|SCHMITT|WERNER|KRAUSE|LEHMANN');
CREATE MACRO files(name) AS getvariable('folder') || '/' || name || '.parquet';

-- The loose look: a superset of what any signal's keys match, on the raw text without blanks.
CREATE TEMP TABLE booked AS
SELECT transaction_id, account_id, booking_date AS day, amount, counterparty_name AS counterparty, purpose,
  ultimate_party, nullif(upper(replace(counterparty_iban, ' ', '')), '') AS iban, creditor_id,
  coalesce(purpose_code, '') AS purpose_code, coalesce(gvc, '') AS gvc, coalesce(btc, '') AS btc,
  coalesce(mcc, '') AS mcc, amount > 0 AS credit,
  amount > 0 OR coalesce(creditor_id, '') <> '' OR contains(purpose, 'CRED') AS ordered
FROM read_parquet(files('transactions'))
WHERE booking_date <= getvariable('as_of') AND CASE WHEN amount > 0 THEN
    coalesce(purpose_code IN ('SALA', 'PAYR', 'PENS', 'BECH', 'BENE', 'CBFF'), false)
    OR coalesce(gvc IN ('153', '157', '154', '161'), false)
    OR coalesce(btc IN ('PMNT-RCDT-SALA', 'PMNT-RRCT-SALA'), false)
    OR regexp_matches(replace(concat_ws('|', counterparty_name, ultimate_party, purpose), ' ', ''), '(?i)GELD|RENTE|FAMILIENKASSE|KG\d{4}|LOHN|L(O|OE|Ö)HNE|GEHALT|GEH(A|AE|Ä)LT|BESOLD|BEZ(U|UE|Ü)GE|ENTGELT|VERDIENST|SALARY|PAYROLL|WAGE|ALG|B(U|UE|Ü)RGERG|GRUNDSICHER|VERM(O|OE|Ö)GENSW|VL-?(ZAHL|LEIST|BEITR|SPAR)|VWL|JOB|PAUSCHALE|LEITER|EHRENAMT|AUSHILF|GERINGF|PRAKTIK|STUDENT|REISEKOSTEN|SPESEN|AUSLAGEN|FAHRTKOSTEN|MUTTERSCH|MUSCHG|MUSCHUG|BEEG|PENSION|ZUSATZVERSORG|RUHE|VERSORGUNGS|ABFINDUNG|BAF(O|OE|Ö)G|STIPENDI|STUDIENST|AUSBILDUNG|WITWE|HINTERBLIEB|STERBEV|AZUBI|AUSZUBILD|ANW(A|AE|Ä)RTER|LEHRLING')
  ELSE
    coalesce(purpose_code IN ('RENT', 'ELEC', 'ENRG', 'GASB', 'STDY', 'UBIL', 'WTER'), false)
    OR coalesce(mcc IN ('5641', '4214', '7261'), false)
    OR regexp_matches(replace(concat_ws('|', counterparty_name, ultimate_party, purpose), ' ', ''), '(?i)MIET|ABSCHL|STADTWERK|ENERGIEVERSORG|STROMNETZ|GASVERSORG|KAUTION|UMZ(U|Ü|UE)G|HALTEVERBOT|M(O|OE|Ö)BEL-?(SPED|TRANS)|NACHSEND|BABY|KINDERWAGEN|BEERDIG|BESTATT|KREMATOR|FRIEDHOF|GRABNUTZ|TRAUER|ENKEL|SPAREN|GEBURT|TAUFE|SPARBUCH|DEPOT|MATRIKEL|R(U|UE|Ü)CKMELD|SEMESTER-?(BEITR|GEB)|STUDI(EN|ERENDEN)(SCHAFTS)?-?(BEI|GEB)|KONTO(WECHSEL|UMZUG|AUFL|SCHLIESS|L[OÖ])|SALDO|NEUE?SKONTO|EIGENESKONTO|WG-?ZIMMER|NUTZUNGSGEB|WOHNGELD|HAUSGELD|NEBENKOSTEN|SIPO')
  END;
CREATE TEMP TABLE spans AS
SELECT account_id, min(booking_date) AS first_on, max(booking_date) AS last_on
FROM read_parquet(files('transactions')) WHERE booking_date <= getvariable('as_of') GROUP BY account_id;
CREATE TEMP TABLE returned AS
SELECT DISTINCT unnest([transaction_id, reversal_of]) AS transaction_id
FROM read_parquet(files('transactions'))
WHERE booking_date <= getvariable('as_of') AND coalesce(reversal_of, '') <> '';
INSERT INTO returned
SELECT unnest([r.transaction_id, o.transaction_id])
FROM read_parquet(files('transactions')) r LEFT JOIN booked o ON o.account_id = r.account_id AND o.amount = -r.amount
  AND o.day BETWEEN r.booking_date - 63 AND r.booking_date
  AND (o.iban = r.counterparty_iban OR o.creditor_id = r.creditor_id
    OR lower(o.counterparty) = lower(r.counterparty_name))
WHERE r.booking_date <= getvariable('as_of') AND coalesce(r.reversal_of, '') = ''
  AND (r.gvc IN ('108', '109', '159', '160') OR r.btc IN ('PMNT-ICDT-RRTN', 'PMNT-IDDT-UPDD', 'PMNT-IRCT-RRTN',
    'PMNT-RCDT-RRTN', 'PMNT-RDDT-UPDD', 'PMNT-RRCT-RRTN', 'PMNT-MCRD-UPCT'))
QUALIFY row_number() OVER (PARTITION BY r.transaction_id ORDER BY o.day DESC, o.transaction_id) = 1;

-- stage: signals
-- Each distinct text once; figures only tell apart where a pattern names them (ALG 1, ALG 2).
CREATE TEMP TABLE squashed AS
SELECT * EXCLUDE (purpose), CASE WHEN regexp_matches(purpose, '(?i)(ALG|GELD) ?[12]') THEN purpose
    ELSE regexp_replace(purpose, '[0-9]', '3', 'g') END AS purpose_form
FROM booked;
CREATE TEMP TABLE texts AS
SELECT row_number() OVER () AS text_no, * FROM (
  SELECT DISTINCT counterparty, ultimate_party, purpose_form, ordered, credit, purpose_code, gvc, btc, mcc FROM squashed);
CREATE TEMP TABLE judged AS
WITH tagged AS (
  SELECT *, coalesce(regexp_matches(purpose_form, '(?:(?:E ?R ?E ?F|K ?R ?E ?F|M ?R ?E ?F|C ?R ?E ?D|D ?E ?B ?T|C ?O ?A ?M|O ?A ?M ?T|S ?V ?W ?Z|A ?B ?W ?A|A ?B ?W ?E|I ?B ?A ?N|B ?I ?C|P ?U ?R ?P) ?\+|\b(?:EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC|PURP): )'), false) AS tagged FROM texts),
parted AS (
  SELECT *, coalesce(nullif(trim(ultimate_party), ''), CASE WHEN tagged THEN nullif(trim(CASE WHEN ordered
      THEN regexp_extract(purpose_form, '(?:A ?B ?W ?A ?\+|\bABWA: )(.*?)(?:(?:(?:E ?R ?E ?F|K ?R ?E ?F|M ?R ?E ?F|C ?R ?E ?D|D ?E ?B ?T|C ?O ?A ?M|O ?A ?M ?T|S ?V ?W ?Z|A ?B ?W ?A|A ?B ?W ?E|I ?B ?A ?N|B ?I ?C|P ?U ?R ?P) ?\+|\b(?:EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC|PURP): )|$)', 1, 's')
      ELSE regexp_extract(purpose_form, '(?:A ?B ?W ?E ?\+|\bABWE: )(.*?)(?:(?:(?:E ?R ?E ?F|K ?R ?E ?F|M ?R ?E ?F|C ?R ?E ?D|D ?E ?B ?T|C ?O ?A ?M|O ?A ?M ?T|S ?V ?W ?Z|A ?B ?W ?A|A ?B ?W ?E|I ?B ?A ?N|B ?I ?C|P ?U ?R ?P) ?\+|\b(?:EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC|PURP): )|$)', 1, 's') END), '') END) AS ultimate,
    CASE WHEN NOT tagged THEN nullif(purpose_form, '') ELSE coalesce(regexp_extract(purpose_form, '^(.*?)(?:(?:E ?R ?E ?F|K ?R ?E ?F|M ?R ?E ?F|C ?R ?E ?D|D ?E ?B ?T|C ?O ?A ?M|O ?A ?M ?T|S ?V ?W ?Z|A ?B ?W ?A|A ?B ?W ?E|I ?B ?A ?N|B ?I ?C|P ?U ?R ?P) ?\+|\b(?:EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC|PURP): )', 1, 's')
      || ' ' || nullif(trim(regexp_extract(purpose_form, '(?:S ?V ?W ?Z ?\+|\bSVWZ: )(.*?)(?:(?:(?:E ?R ?E ?F|K ?R ?E ?F|M ?R ?E ?F|C ?R ?E ?D|D ?E ?B ?T|C ?O ?A ?M|O ?A ?M ?T|S ?V ?W ?Z|A ?B ?W ?A|A ?B ?W ?E|I ?B ?A ?N|B ?I ?C|P ?U ?R ?P) ?\+|\b(?:EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC|PURP): )|$)', 1, 's')), ''),
      regexp_replace(purpose_form, '(?:(?:E ?R ?E ?F|K ?R ?E ?F|M ?R ?E ?F|C ?R ?E ?D|D ?E ?B ?T|C ?O ?A ?M|O ?A ?M ?T|S ?V ?W ?Z|A ?B ?W ?A|A ?B ?W ?E|I ?B ?A ?N|B ?I ?C|P ?U ?R ?P) ?\+|\b(?:EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC|PURP): )', ' ', 'g')) END AS said
  FROM tagged),
written AS (
  SELECT text_no, ultimate, credit, purpose_code, gvc, btc, mcc,
    plainly(concat_ws(' | ', nullif(counterparty, ''), ultimate, said)) AS plain FROM parted),
formed AS (SELECT *, folding(plain) AS folded FROM written)
SELECT text_no, ultimate, CASE WHEN credit THEN [
    CASE WHEN (says(plain, folded,
      '\b(ALG ?(II|2)|ARBEITSLOSENGELD ?(II|2))\b|\bBUERGERGELD\b|\bGRUNDSICHERUNG FUER ARBEITSUCHENDE\b',
      '\b(ALG(II|2)|ARBEITSLOSENGELD(II|2))\b|\bBURGERGELD\b|\bGRUNDSICHERUNGFURARBEITSUCHENDE\b'))
      AND NOT says(plain, folded,
      'RUECKZAHLUNG|RUECKFORDERUNG|\bMIETE\b|KALTMIETE|WARMMIETE|MIETER|\bKDU (FUER|F\.)',
      'RUCKZAHLUNG|RUCKFORDERUNG|\bMIETE\b|KALTMIETE|WARMMIETE|MIETER|\bKDU(FUR|F\.)') THEN 'basic-income-support' END,
    CASE WHEN (gvc IN ('154', '161') OR purpose_code IN ('CBFF') OR says(plain, folded,
      '\bVERMOEGENSWIRKS|\bVL[- ](ZAHLUNG|LEISTUNG|BEITRAG|SPAREN)|\bVWL\b',
      '\bVERMOGENSWIRKS|\bVL(?:[-]?)(ZAHLUNG|LEISTUNG|BEITRAG|SPAREN)|\bVWL\b'))
      AND NOT says(plain, folded,
      'RUECKZAHLUNG|RUECKUEBERWEISUNG',
      'RUCKZAHLUNG|RUCKUBERWEISUNG') THEN 'capital-forming-benefit' END,
    CASE WHEN (says(plain, folded,
      '\b(FERIEN|SCHUELER|STUDENTEN|NEBEN|AUSHILFS|MINI)-?JOB|\b(UEBUNGSLEITER|EHRENAMTS?)-?(PAUSCHALE|VERGUETUNG|AUFWAND)?|\bAUSHILFS?(LOHN|E|KRAFT)?\b|\bGERINGFUEGIG|\bPRAKTIK(UM|ANT|UMS)|\bSTUDENTISCHE (HILFS|AUSHILFS)|\bWERKSTUDENT',
      '\b(FERIEN|SCHULER|STUDENTEN|NEBEN|AUSHILFS|MINI)-?JOB|\b(UBUNGSLEITER|EHRENAMTS?)-?(PAUSCHALE|VERGUTUNG|AUFWAND)?|\bAUSHILFS?(LOHN|E|KRAFT)?\b|\bGERINGFUGIG|\bPRAKTIK(UM|ANT|UMS)|\bSTUDENTISCHE(HILFS|AUSHILFS)|\bWERKSTUDENT'))
      AND NOT says(plain, folded,
      'RUECKZAHLUNG|ERSTATTUNG',
      'RUCKZAHLUNG|ERSTATTUNG') THEN 'casual-pay' END,
    CASE WHEN (purpose_code IN ('BECH') OR says(plain, folded,
      '\bFAMILIENKASSE\b|\bKG ?\d{4,} ?FK ?\d+|\bKINDERGELD\b',
      '\bFAMILIENKASSE\b|\bKG\d{4,}FK\d+|\bKINDERGELD\b'))
      AND NOT says(plain, folded,
      'KINDERGELD (VON|FUER) (OMA|OPA|PAPA|MAMA)|KINDERGELDKASSE ?EV|KINDERZUSCHLAG|\bKIZ\b|RUECKFORDERUNG|RUECKZAHLUNG|\b(LOHN|GEHALT|BEZUEGE|BESOLDUNG|ENTGELT|SALARY)\b',
      'KINDERGELD(VON|FUR)(OMA|OPA|PAPA|MAMA)|KINDERGELDKASSEEV|KINDERZUSCHLAG|\bKIZ\b|RUCKFORDERUNG|RUCKZAHLUNG|\b(LOHN|GEHALT|BEZUGE|BESOLDUNG|ENTGELT|SALARY)\b') THEN 'child-benefit' END,
    CASE WHEN (says(plain, folded,
      '\b(REISEKOSTEN|SPESEN|AUSLAGEN|FAHRTKOSTEN)-?(ERSTATTUNG|ABRECHNUNG|ERSATZ)?\b',
      '\b(REISEKOSTEN|SPESEN|AUSLAGEN|FAHRTKOSTEN)-?(ERSTATTUNG|ABRECHNUNG|ERSATZ)?\b')) THEN 'expense-refund' END,
    CASE WHEN (says(plain, folded,
      '\bMU-?GELD\b|\bMUSCHG\b|\bMUTTERSCHAFTS(GELD|LEISTUNG)|\bMUTTERSCHUTZLOHN\b|\bZUSCHUSS (ZUM )?(MUTTERSCHAFTSGELD|MUSCHG|MUSCHUG)',
      '\bMU-?GELD\b|\bMUSCHG\b|\bMUTTERSCHAFTS(GELD|LEISTUNG)|\bMUTTERSCHUTZLOHN\b|\bZUSCHUSS(ZUM)?(MUTTERSCHAFTSGELD|MUSCHG|MUSCHUG)'))
      AND NOT says(plain, folded,
      'RUECKFORDERUNG',
      'RUCKFORDERUNG') THEN 'maternity-benefit' END,
    CASE WHEN (says(plain, folded,
      '\b(ERWERBSMINDERUNGS|EM|UNFALL|VERLETZTEN|ERZIEHUNGS|BERUFSUNFAEHIGKEITS|BU)-?RENTE\b|\b(HALB|VOLL)?WAISEN-?(RENTE|GELD)\b|\bRENTE WEGEN (VOLLER|TEILWEISER) ERWERBSMINDERUNG\b|\bTEILRENTE\b',
      '\b(ERWERBSMINDERUNGS|EM|UNFALL|VERLETZTEN|ERZIEHUNGS|BERUFSUNFAHIGKEITS|BU)-?RENTE\b|\b(HALB|VOLL)?WAISEN-?(RENTE|GELD)\b|\bRENTEWEGEN(VOLLER|TEILWEISER)ERWERBSMINDERUNG\b|\bTEILRENTE\b')) THEN 'other-pension' END,
    CASE WHEN (says(plain, folded,
      '\bBASISELTERNGELD\b|\bBEEG\b|\bELTERNGELD(STELLE)?( ?PLUS)?\b',
      '\bBASISELTERNGELD\b|\bBEEG\b|\bELTERNGELD(STELLE)?(PLUS)?\b'))
      AND NOT says(plain, folded,
      'RUECKFORDERUNG|RUECKZAHLUNG|RECHNER|\bELTERNGELDBERATUNG',
      'RUCKFORDERUNG|RUCKZAHLUNG|RECHNER|\bELTERNGELDBERATUNG') THEN 'parental-allowance' END,
    CASE WHEN (purpose_code IN ('PENS') OR says(plain, folded,
      '\b(ALTERS|REGELALTERS|BETRIEBS|ZUSATZ|WERKS|VERSORGUNGS)-?RENTE\b|\b(DEUTSCHE )?RENTENVERSICHERUNG\b|\b(PENSIONSKASSE|ZUSATZVERSORGUNGSKASSE|RUHELOHN|VERSORGUNGSANSTALT DES BUNDES)\b|\b(RUHEGEHALT|RUHESTANDSBEZUEGE|VERSORGUNGSBEZUEGE|PENSIONSZAHLUNG)\b|\bBEAMTENPENSION\b|\bRENTE \d{1,2}[./]\d{2,4}\b|\bRENTEN ?SERVICE\b|\bRV\.? ?RENTE\b',
      '\b(ALTERS|REGELALTERS|BETRIEBS|ZUSATZ|WERKS|VERSORGUNGS)-?RENTE\b|\b(DEUTSCHE)?RENTENVERSICHERUNG\b|\b(PENSIONSKASSE|ZUSATZVERSORGUNGSKASSE|RUHELOHN|VERSORGUNGSANSTALTDESBUNDES)\b|\b(RUHEGEHALT|RUHESTANDSBEZUGE|VERSORGUNGSBEZUGE|PENSIONSZAHLUNG)\b|\bBEAMTENPENSION\b|\bRENTE\d{1,2}[./]\d{2,4}\b|\bRENTENSERVICE\b|\bRV\.?RENTE\b'))
      AND NOT says(plain, folded,
      'BEITRAGSERSTATTUNG|RUECKZAHLUNG|RUECKFORDERUNG|ERSTATTUNG|WAISEN|TEILRENTE|ERWERBSMINDERUNG|\bEM-?RENTE|UNFALLRENTE|VERLETZTENRENTE|BERUFSGENOSSENSCHAFT|ERZIEHUNGSRENTE|BERUFSUNFAEHIGKEIT|\bBU-?RENTE|WITWE|WITWER|HINTERBLIEBENE|\bGR?\.? ?WITWENR|\b(GEHALT|LOHN|BEZUEGE|ENTGELT) \d|\bLOHN ?/ ?GEHALT|\bREHA\b|UEBERGANGSGELD',
      'BEITRAGSERSTATTUNG|RUCKZAHLUNG|RUCKFORDERUNG|ERSTATTUNG|WAISEN|TEILRENTE|ERWERBSMINDERUNG|\bEM-?RENTE|UNFALLRENTE|VERLETZTENRENTE|BERUFSGENOSSENSCHAFT|ERZIEHUNGSRENTE|BERUFSUNFAHIGKEIT|\bBU-?RENTE|WITWE|WITWER|HINTERBLIEBENE|\bGR?\.?WITWENR|\b(GEHALT|LOHN|BEZUGE|ENTGELT)\d|\bLOHN/GEHALT|\bREHA\b|UBERGANGSGELD') THEN 'pension' END,
    CASE WHEN (gvc IN ('153', '157') OR purpose_code IN ('PAYR', 'SALA') OR btc IN ('PMNT-RCDT-SALA', 'PMNT-RRCT-SALA') OR says(plain, folded,
      '\b(LOHN|GEHALTS?|ENTGELT|BEZUEGE|VERDIENST)-?(ZAHLUNG|ABRECHNUNG|NACHWEIS|UEBERWEISUNG)\b|\b(LOHN|LOEHNE|GEHALT|GEHAELTER|BESOLDUNG|(DIENST|AMTS)?BEZUEGE|ARBEITSENTGELT|SALARY|PAYROLL|WAGES?)\b|\b(MONATS|NETTO|BRUTTO)-?(LOHN|GEHALT|VERDIENST)\b|\bENTGELT (FUER )?(0?[1-9]|1[0-2]|JAN|FEB|MAE?R|APR|MAI|JUN|JUL|AUG|SEP|OKT|NOV|DEZ)|\bLOHN ?/ ?GEHALT\b',
      '\b(LOHN|GEHALTS?|ENTGELT|BEZUGE|VERDIENST)-?(ZAHLUNG|ABRECHNUNG|NACHWEIS|UBERWEISUNG)\b|\b(LOHN|LOHNE|GEHALT|GEHALTER|BESOLDUNG|(DIENST|AMTS)?BEZUGE|ARBEITSENTGELT|SALARY|PAYROLL|WAGES?)\b|\b(MONATS|NETTO|BRUTTO)-?(LOHN|GEHALT|VERDIENST)\b|\bENTGELT(FUR)?(0?[1-9]|1[0-2]|JAN|FEB|MAE?R|APR|MAI|JUN|JUL|AUG|SEP|OKT|NOV|DEZ)|\bLOHN/GEHALT\b'))
      AND NOT says(plain, folded,
      '(RUHE|WITWEN|WAISEN)GEHALT|RUHESTANDSBEZUEGE|VERSORGUNGSBEZUEGE|FINANZAMT|FINANZKASSE|STEUERERSTATTUNG|LOHNSTEUER(HILFE|JAHRES)?|REISEKOSTEN|SPESEN|AUSLAGEN|RUECKZAHLUNG|RUECKERSTATTUNG|ERSTATTUNG|TASCHENGELD|HAUSHALTSGELD|UNTERHALT\b|UMBUCHUNG|UEBERTRAG\b|EIGENUEBERWEISUNG|DAUERAUFTRAG',
      '(RUHE|WITWEN|WAISEN)GEHALT|RUHESTANDSBEZUGE|VERSORGUNGSBEZUGE|FINANZAMT|FINANZKASSE|STEURERSTATTUNG|LOHNSTEUR(HILFE|JAHRES)?|REISEKOSTEN|SPESEN|AUSLAGEN|RUCKZAHLUNG|RUCKERSTATTUNG|ERSTATTUNG|TASCHENGELD|HAUSHALTSGELD|UNTERHALT\b|UMBUCHUNG|UBERTRAG\b|EIGENUBERWEISUNG|DAURAUFTRAG') THEN 'salary' END,
    CASE WHEN (says(plain, folded,
      '\bABFINDUNG(SZAHLUNG|SBETRAG)?\b',
      '\bABFINDUNG(SZAHLUNG|SBETRAG)?\b'))
      AND NOT says(plain, folded,
      'VERSICHERUNG|RENTENABFINDUNG|SQUEEZE|AKTION|\bBARABFINDUNG\b|\bDEPOT\b|ERBE',
      'VERSICHERUNG|RENTENABFINDUNG|SQUEZE|AKTION|\bBARABFINDUNG\b|\bDEPOT\b|ERBE') THEN 'severance-pay' END,
    CASE WHEN (says(plain, folded,
      '\bKRANKENGELD|\bVERLETZTENGELD\b|\bUEBERGANGSGELD\b',
      '\bKRANKENGELD|\bVERLETZTENGELD\b|\bUBERGANGSGELD\b'))
      AND NOT says(plain, folded,
      'KINDERKRANKENGELD|KINDERPFLEGEKRANKENGELD|RUECKFORDERUNG|ZUSATZVERSICHERUNG',
      'KINDERKRANKENGELD|KINDERPFLEGEKRANKENGELD|RUCKFORDERUNG|ZUSATZVERSICHERUNG') THEN 'sick-pay' END,
    CASE WHEN (says(plain, folded,
      '\b(BUNDES)?AUSBILDUNGSFOERDERUNG|\bBAFOEG\b|\bSTIPENDIUM\b|\bSTUDIENSTIFTUNG\b|\bDEUTSCHLANDSTIPENDIUM\b',
      '\b(BUNDES)?AUSBILDUNGSFORDERUNG|\bBAFOG\b|\bSTIPENDIUM\b|\bSTUDIENSTIFTUNG\b|\bDEUTSCHLANDSTIPENDIUM\b'))
      AND NOT says(plain, folded,
      'RUECKZAHLUNG|TILGUNG|BUNDESVERWALTUNGSAMT',
      'RUCKZAHLUNG|TILGUNG|BUNDESVERWALTUNGSAMT') THEN 'student-grant' END,
    CASE WHEN (says(plain, folded,
      '\b(KLEINE |GROSSE |KL\.? ?|GR\.? ?)?WITWE(N|R)-?(RENTE|GELD|PENSION|BEZUEGE)\b|\bHINTERBLIEBENEN-?(RENTE|VERSORGUNG|BEZUEGE)\b|\bRENTE WEGEN TODES\b|\bSTERBEVIERTELJAHR',
      '\b(KLEINE|GROSSE|KL\.?|GR\.?)?WITWE(N|R)-?(RENTE|GELD|PENSION|BEZUGE)\b|\bHINTERBLIEBENEN-?(RENTE|VERSORGUNG|BEZUGE)\b|\bRENTEWEGENTODES\b|\bSTERBEVIERTELJAHR'))
      AND NOT says(plain, folded,
      'WAISEN|RUECKFORDERUNG|RUECKZAHLUNG',
      'WAISEN|RUCKFORDERUNG|RUCKZAHLUNG') THEN 'survivor-pension' END,
    CASE WHEN (says(plain, folded,
      '\b(AZUBI|AUSZUBILDENDER?N?)\b|\bANWAERTERBEZUEGE\b|\bAUSBILDUNGS-?(VERGUETUNG|VERG|ENTGELT|LOHN|GEHALT)\b|\bLEHRLINGS(GEHALT|LOHN|ENTSCHAEDIGUNG)\b',
      '\b(AZUBI|AUSZUBILDENDER?N?)\b|\bANWARTERBEZUGE\b|\bAUSBILDUNGS-?(VERGUTUNG|VERG|ENTGELT|LOHN|GEHALT)\b|\bLEHRLINGS(GEHALT|LOHN|ENTSCHADIGUNG)\b'))
      AND NOT says(plain, folded,
      'AUSBILDUNGSFOERDERUNG|BAFOEG|BERUFSAUSBILDUNGSBEIHILFE|\bBAB\b|FAMILIENKASSE|KINDERGELD|\bKG ?\d{5,}FK|RUECKZAHLUNG|ERSTATTUNG',
      'AUSBILDUNGSFORDERUNG|BAFOG|BERUFSAUSBILDUNGSBEIHILFE|\bBAB\b|FAMILIENKASSE|KINDERGELD|\bKG\d{5,}FK|RUCKZAHLUNG|ERSTATTUNG') THEN 'training-pay' END,
    CASE WHEN (purpose_code IN ('BENE') OR says(plain, folded,
      '\bALG ?(I|1)\b|\bALGI\b|\bARBEITSLOSENGELD\b',
      '\bALG(I|1)\b|\bALGI\b|\bARBEITSLOSENGELD\b'))
      AND NOT says(plain, folded,
      'BUERGERGELD|GRUNDSICHERUNG|JOBCENTER|JOB CENTER|FAMILIENKASSE|KINDERGELD|\bKG ?\d{5,}FK|KURZARBEIT|\bKUG\b|EINGLIEDERUNGSZUSCHUSS|LOHNKOSTENZUSCHUSS|RUECKZAHLUNG|RUECKFORDERUNG|\b(LOHN|GEHALT|BEZUEGE)\b|\bARBEITSLOSENGELD ?(II|2)\b|\bALG ?(II|2)\b|\bALGII\b|\bKDU\b|UNTERKUNFT|\bMIETE\b|KALTMIETE|WARMMIETE',
      'BURGERGELD|GRUNDSICHERUNG|JOBCENTER|JOBCENTER|FAMILIENKASSE|KINDERGELD|\bKG\d{5,}FK|KURZARBEIT|\bKUG\b|EINGLIEDERUNGSZUSCHUSS|LOHNKOSTENZUSCHUSS|RUCKZAHLUNG|RUCKFORDERUNG|\b(LOHN|GEHALT|BEZUGE)\b|\bARBEITSLOSENGELD(II|2)\b|\bALG(II|2)\b|\bALGII\b|\bKDU\b|UNTERKUNFT|\bMIETE\b|KALTMIETE|WARMMIETE') THEN 'unemployment-benefit' END]
  ELSE [
    CASE WHEN (says(plain, folded,
      '\bKONTO(WECHSEL|UMZUG|AUFLOESUNG|SCHLIESSUNG|LOESCHUNG)|\bSALDO(AUSGLEICH|UEBERTRAG)\b|\bUEBERTRAG (AUF )?(NEUES|EIGENES) KONTO\b',
      '\bKONTO(WECHSEL|UMZUG|AUFLOSUNG|SCHLIESSUNG|LOSCHUNG)|\bSALDO(AUSGLEICH|UBERTRAG)\b|\bUBERTRAG(AUF)?(NEUS|EIGENES)KONTO\b')) THEN 'account-moved' END,
    CASE WHEN (purpose_code IN ('ELEC', 'ENRG', 'GASB') OR says(plain, folded,
      '\b(STADTWERKE?|ENERGIEVERSORGUNG|STROMNETZ|GASVERSORGUNG)\b.*\b(ABSCHLAG|ABSCHL|STROM|GAS)\b|\b(STROM|GAS|ENERGIE)-?ABSCHLAG|\b(STROM|GAS|ENERGIE|ERDGAS|OEKOSTROM)-?(ABSCHLAG|RECHNUNG|LIEFERUNG|VERTRAG|KUNDE)?\b.*\bABSCHLAG|\bABSCHLAG.*\b(STROM|GAS|ENERGIE|ERDGAS)',
      '\b(STADTWERKE?|ENERGIEVERSORGUNG|STROMNETZ|GASVERSORGUNG)\b.*\b(ABSCHLAG|ABSCHL|STROM|GAS)\b|\b(STROM|GAS|ENERGIE)-?ABSCHLAG|\b(STROM|GAS|ENERGIE|ERDGAS|OKOSTROM)-?(ABSCHLAG|RECHNUNG|LIEFERUNG|VERTRAG|KUNDE)?\b.*\bABSCHLAG|\bABSCHLAG.*\b(STROM|GAS|ENERGIE|ERDGAS)'))
      AND NOT says(plain, folded,
      'TANKSTELLE|LADESTATION|LADESAEULE|SCHWIMMBAD|\bBAEDER\b|PARKHAUS|NAHVERKEHR|TICKET',
      'TANKSTELLE|LADESTATION|LADESAULE|SCHWIMMBAD|\bBADER\b|PARKHAUS|NAHVERKEHR|TICKET') THEN 'energy-supply' END,
    CASE WHEN (mcc IN ('7261') OR says(plain, folded,
      '\bBEERDIGUNG|\bBESTATT(UNG|UNGEN|UNGSHAUS|UNGSINSTITUT|ER)\b|\bKREMATORIUM\b|\bFRIEDHOFS?(GEBUEHR|VERWALTUNG|AMT)?\b|\bGRABNUTZUNG|\bTRAUERFEIER\b|\bTRAUERHILFE\b',
      '\bBEERDIGUNG|\bBESTATT(UNG|UNGEN|UNGSHAUS|UNGSINSTITUT|ER)\b|\bKREMATORIUM\b|\bFRIEDHOFS?(GEBUHR|VERWALTUNG|AMT)?\b|\bGRABNUTZUNG|\bTRAURFEIER\b|\bTRAURHILFE\b'))
      AND NOT says(plain, folded,
      'VORSORGE|STERBEGELDVERSICHERUNG|STERBEKASSE|TREUHAND|TIERBESTATT|TIERFRIEDHOF|FRIEDHOFSTR|SPENDE',
      'VORSORGE|STERBEGELDVERSICHERUNG|STERBEKASSE|TREUHAND|TIERBESTATT|TIERFRIEDHOF|FRIEDHOFSTR|SPENDE') THEN 'funeral' END,
    CASE WHEN (says(plain, folded,
      '\b(ENKEL|ENKELIN|ENKELKIND|ENKELSPAREN)\b|\b(VON )?(OMA|OPA|GROSSELTERN)\b.*\b(SPAREN|GEBURT|TAUFE|SPARBUCH|DEPOT)|\bZUR GEBURT\b',
      '\b(ENKEL|ENKELIN|ENKELKIND|ENKELSPAREN)\b|\b(VON)?(OMA|OPA|GROSSELTERN)\b.*\b(SPAREN|GEBURT|TAUFE|SPARBUCH|DEPOT)|\bZURGEBURT\b'))
      AND NOT says(plain, folded,
      'NICHTE|NEFFE|PATENKIND|KOLLEG|SPENDE|VEREIN',
      'NICHTE|NEFFE|PATENKIND|KOLLEG|SPENDE|VEREIN') THEN 'gift-to-child' END,
    CASE WHEN (mcc IN ('5641') OR says(plain, folded,
      '\bBABY ?(MARKT|WALZ|ONE|AUSSTATTUNG|FACHMARKT|ERSTAUSSTATTUNG)|\bKINDERWAGEN\b',
      '\bBABY(MARKT|WALZ|ONE|AUSSTATTUNG|FACHMARKT|ERSTAUSSTATTUNG)|\bKINDERWAGEN\b')) THEN 'infant-wear' END,
    CASE WHEN (says(plain, folded,
      '\bNACHSEND(E|UNG)|\bNACHSENDEAUFTRAG\b|\bNACHSENDESERVICE\b',
      '\bNACHSEND(E|UNG)|\bNACHSENDEAUFTRAG\b|\bNACHSENDESERVICE\b'))
      AND NOT says(plain, folded,
      'URLAUB|LAGERSERVICE',
      'URLAUB|LAGERSERVICE') THEN 'mail-forwarding' END,
    CASE WHEN (mcc IN ('4214') OR says(plain, folded,
      '\bHALTEVERBOT(SZONE)?\b|\bMOEBEL-?(SPEDITION|TRANSPORTE?)\b|\bUMZUEGE\b|\bUMZUG',
      '\bHALTEVERBOT(SZONE)?\b|\bMOBEL-?(SPEDITION|TRANSPORTE?)\b|\bUMZUGE\b|\bUMZUG'))
      AND NOT says(plain, folded,
      'LOHN|GEHALT|UMZUGSKOSTEN(ERSTATTUNG|PAUSCHALE)|FASCHING|KARNEVAL|ROSENMONTAG|FIRMENUMZUG',
      'LOHN|GEHALT|UMZUGSKOSTEN(ERSTATTUNG|PAUSCHALE)|FASCHING|KARNEVAL|ROSENMONTAG|FIRMENUMZUG') THEN 'mover' END,
    CASE WHEN (purpose_code IN ('RENT') OR says(plain, folded,
      '\b(KALT|WARM|GRUND|WOHNUNGS|BRUTTO|NETTO|MONATS)?-?MIETE\b|\bMIETZAHLUNG\b|\bMIETZINS\b|\bNUTZUNGSGEBUEHR WOHNUNG\b|\bWG-?ZIMMER\b|\bMIETE (WHG|WOHNUNG|NK)\b',
      '\b(KALT|WARM|GRUND|WOHNUNGS|BRUTTO|NETTO|MONATS)?-?MIETE\b|\bMIETZAHLUNG\b|\bMIETZINS\b|\bNUTZUNGSGEBUHRWOHNUNG\b|\bWG-?ZIMMER\b|\bMIETE(WHG|WOHNUNG|NK)\b'))
      AND NOT says(plain, folded,
      'FERIENWOHNUNG|FERIENHAUS|AIRBNB|URLAUB|ZWEITWOHNUNG|NEBENWOHNUNG|GERAETEMIETE|ZAEHLERMIETE|MIETKAUF|LEASING|KAUTION|MIETSICHERHEIT|MIETERVEREIN|MIETERBUND|MIETRECHTSSCHUTZ|MIETWAGEN|AUTOVERMIET|LEIHWAGEN|RENT A CAR|\bSIXT\b|EUROPCAR|\bHERTZ\b|NACHZAHLUNG|BETRIEBSKOSTENABRECHNUNG|NEBENKOSTENABRECHNUNG|\bGARAGE|STELLPLATZ|TIEFGARAGE|PARKPLATZ|\bLAGER(RAUM|BOX)?\b|SELFSTORAGE',
      'FERIENWOHNUNG|FERIENHAUS|AIRBNB|URLAUB|ZWEITWOHNUNG|NEBENWOHNUNG|GERATEMIETE|ZAHLERMIETE|MIETKAUF|LEASING|KAUTION|MIETSICHERHEIT|MIETERVEREIN|MIETERBUND|MIETRECHTSSCHUTZ|MIETWAGEN|AUTOVERMIET|LEIHWAGEN|RENTACAR|\bSIXT\b|EUROPCAR|\bHERTZ\b|NACHZAHLUNG|BETRIEBSKOSTENABRECHNUNG|NEBENKOSTENABRECHNUNG|\bGARAGE|STELLPLATZ|TIEFGARAGE|PARKPLATZ|\bLAGER(RAUM|BOX)?\b|SELFSTORAGE') THEN 'rent' END,
    CASE WHEN (says(plain, folded,
      '\b(MIET)?-?KAUTION(SZAHLUNG|SKONTO|SSPARBUCH|SBUERGSCHAFT)?\b|\bKAUTION (WOHNUNG|WHG|MIETE|ZIMMER)|\bMIETSICHERHEIT\b',
      '\b(MIET)?-?KAUTION(SZAHLUNG|SKONTO|SSPARBUCH|SBURGSCHAFT)?\b|\bKAUTION(WOHNUNG|WHG|MIETE|ZIMMER)|\bMIETSICHERHEIT\b'))
      AND NOT says(plain, folded,
      'MIETWAGEN|AUTOVERMIET|RENT A CAR|\bSIXT\b|EUROPCAR|HOTEL|HALLE|SAAL|SCHLUESSEL|PFAND|RUECKZAHLUNG|RUECKERSTATTUNG',
      'MIETWAGEN|AUTOVERMIET|RENTACAR|\bSIXT\b|EUROPCAR|HOTEL|HALLE|SAAL|SCHLUSSEL|PFAND|RUCKZAHLUNG|RUCKERSTATTUNG') THEN 'rental-deposit' END,
    CASE WHEN (purpose_code IN ('STDY') OR says(plain, folded,
      '\bMATRIKEL-?N(R|UMMER)|\bRUECKMELDE?(GEBUEHR|BEITRAG|UNG (WS|SS|WISE|SOSE))|\bSEMESTER-?(BEITRAG|GEBUEHR|GEB\b)|\bSTUDI(EN|ERENDEN)(SCHAFTS)?-?(BEITRAG|GEBUEHR)',
      '\bMATRIKEL-?N(R|UMMER)|\bRUCKMELDE?(GEBUHR|BEITRAG|UNG(WS|SS|WISE|SOSE))|\bSEMESTER-?(BEITRAG|GEBUHR|GEB\b)|\bSTUDI(EN|ERENDEN)(SCHAFTS)?-?(BEITRAG|GEBUHR)'))
      AND NOT says(plain, folded,
      'ALUMNI|VOLKSHOCHSCHULE|SENIORENSTUDIUM|GASTHOERER|SEMESTERTICKET ?ABO',
      'ALUMNI|VOLKSHOCHSCHULE|SENIORENSTUDIUM|GASTHORER|SEMESTERTICKETABO') THEN 'semester-fee' END] END AS carried
FROM formed;
CREATE TEMP TABLE bounds AS FROM (VALUES
    ('account-moved', 0, 1000000000000, false),
    ('basic-income-support', 50.00, 1000000000000, true),
    ('capital-forming-benefit', 5.00, 120, true),
    ('casual-pay', 0, 2000, true),
    ('child-benefit', 150.00, 1000000000000, true),
    ('energy-supply', 10.00, 900, true),
    ('expense-refund', 0, 1000000000000, false),
    ('funeral', 200.00, 1000000000000, false),
    ('gift-to-child', 10.00, 20000, false),
    ('infant-wear', 15.00, 1000000000000, false),
    ('mail-forwarding', 0, 80, false),
    ('maternity-benefit', 0, 1000000000000, true),
    ('mover', 30.00, 1000000000000, false),
    ('other-pension', 20.00, 1000000000000, true),
    ('parental-allowance', 150.00, 3700, true),
    ('pension', 50.00, 1000000000000, true),
    ('rent', 150.00, 5000, true),
    ('rental-deposit', 200.00, 15000, false),
    ('salary', 200.00, 1000000000000, true),
    ('semester-fee', 40.00, 1000000000000, true),
    ('severance-pay', 1000.00, 1000000000000, false),
    ('sick-pay', 50.00, 1000000000000, true),
    ('student-grant', 50.00, 1500, true),
    ('survivor-pension', 50.00, 1000000000000, true),
    ('training-pay', 200.00, 1800, true),
    ('unemployment-benefit', 100.00, 4500, true)) AS t (signal, least, most, recurring);
CREATE TEMP TABLE hits AS
WITH carrying AS (
  SELECT q.*, j.ultimate, unnest(j.carried) AS signal
  FROM squashed q JOIN texts t ON q.purpose_form IS NOT DISTINCT FROM t.purpose_form
      AND q.counterparty IS NOT DISTINCT FROM t.counterparty
      AND q.ultimate_party IS NOT DISTINCT FROM t.ultimate_party
      AND q.ordered IS NOT DISTINCT FROM t.ordered AND q.credit = t.credit AND q.purpose_code = t.purpose_code
      AND q.gvc = t.gvc AND q.btc = t.btc AND q.mcc = t.mcc
    JOIN (SELECT text_no, ultimate, list_filter(carried, lambda s: s IS NOT NULL) AS carried FROM judged) j
      ON j.text_no = t.text_no AND len(j.carried) > 0)
SELECT c.transaction_id, c.account_id, c.day, c.amount, c.counterparty, c.ultimate, c.iban, c.creditor_id, c.signal,
  b.recurring
FROM carrying c JOIN bounds b ON b.signal = c.signal AND abs(c.amount) BETWEEN b.least AND b.most
WHERE c.transaction_id NOT IN (SELECT transaction_id FROM returned);
DELETE FROM hits WHERE signal = 'pension' AND transaction_id IN (
  SELECT transaction_id FROM hits WHERE signal IN ('other-pension', 'survivor-pension'));
DELETE FROM hits WHERE signal = 'household-payment' AND transaction_id IN (
  SELECT transaction_id FROM hits WHERE signal IN ('energy-supply', 'rent'));
DELETE FROM hits WHERE signal = 'salary' AND transaction_id IN (
  SELECT transaction_id FROM hits WHERE amount > 0 AND signal <> 'salary');
DELETE FROM hits WHERE signal IN ('expense-refund', 'other-pension', 'basic-income-support');

-- Whose booking it is.
CREATE TEMP TABLE owners AS
SELECT account_id, customer_id, words(given_name) AS given,
  row_number() OVER (PARTITION BY account_id ORDER BY first DESC, customer_id) AS rank
FROM (SELECT account_id, customer_id, bool_or(role = 'owner') AS first
  FROM read_parquet(files('account_holders')) WHERE role IN ('owner', 'co_owner') GROUP BY ALL)
LEFT JOIN (SELECT customer_id, given_name FROM read_parquet(files('customers'))) USING (customer_id);
CREATE TEMP TABLE named AS
SELECT transaction_id, arg_min(customer_id, (NOT contains(said, given), rank)) AS customer_id
FROM (SELECT transaction_id, account_id, words(concat_ws(' ', h.counterparty, h.ultimate, b.ultimate_party, b.purpose)) AS said
  FROM (SELECT DISTINCT transaction_id, account_id, counterparty, ultimate FROM hits
    WHERE account_id IN (SELECT account_id FROM owners WHERE rank = 2)) h
  JOIN (SELECT transaction_id, ultimate_party, purpose FROM booked) b USING (transaction_id))
JOIN owners USING (account_id)
WHERE length(given) > 2 AND contains(said, ' ' || split_part(given, ' ', 2) || ' ') GROUP BY ALL;
CREATE TEMP TABLE named_sides AS
SELECT account_id, coalesce(iban, counterparty) AS side, any_value(customer_id) AS customer_id
FROM (SELECT DISTINCT transaction_id, account_id, iban, counterparty FROM hits) JOIN named USING (transaction_id)
GROUP BY ALL HAVING count(DISTINCT customer_id) = 1 AND side IS NOT NULL;

-- Who pays: one payer under changing names.
CREATE TEMP TABLE names AS
SELECT written, nullif(coalesce(nullif(bare(written), ''), trim(regexp_replace(plainly(written), '[^A-Z0-9]+', ' ', 'g'))), '') AS name,
  regexp_matches(regexp_replace(plainly(written), '[^A-Z0-9]+', ' ', 'g'), '\b(?:HAFTUNGSBESCHRAENKT|COMPAGNIE|STIFTUNG|V V A G|LIMITED|PARTMBB|GGMBH|KDOER|PARTG|GMBH|KGAA|VVAG|SARL|AOER|MBH|OHG|GBR|E V|E K|E G|A G|K G|LTD|INC|PLC|B V|N V|SAS|SPA|SRL|AG|KG|UG|SE|EG|EV|EK|CO|BV|NV|SA|STADT|GEMEINDE|LANDKREIS|KREIS|LAND|FREISTAAT|BUND|BUNDESAGENTUR|LANDESAMT|AMT|STADTWERKE|UNIVERSITAET|UNIKLINIK|UNIVERSITAETSKLINIKUM|HOCHSCHULE|FACHHOCHSCHULE|KLINIKUM|KLINIK|KRANKENHAUS|SPARKASSE|KREISSPARKASSE|VOLKSBANK|RAIFFEISENBANK|BANK|DEUTSCHE|EVANGELISCHE|KATHOLISCHE|EV|KATH|PFARREI|KIRCHENGEMEINDE|BISTUM|AUTOHAUS|BAECKEREI|PRAXIS|ZAHNARZTPRAXIS|APOTHEKE|HOTEL|RESTAURANT|KANZLEI|STEUERBUERO|HAUSVERWALTUNG|IMMOBILIEN|WOHNUNGSBAU|WOHNUNGSBAUGESELLSCHAFT|WOHNUNGSGENOSSENSCHAFT|FINANZAMT|JOBCENTER|AGENTUR|LANDESHAUPTSTADT|BEZIRKSAMT|BUNDESLAND|DR|FIRMA|FA|GEBR|GEBRUEDER|DIE|DER)\b') AS organisation
FROM (SELECT DISTINCT unnest([counterparty, ultimate]) AS written FROM hits) WHERE written IS NOT NULL;
CREATE TEMP TABLE keyed AS
SELECT h.* EXCLUDE (creditor_id), coalesce(n.customer_id, s.customer_id, o.customer_id) AS customer_id, u.name AS ultimate_name,
  coalesce(u.name, c.name) AS name, coalesce(u.organisation, c.organisation, false) AS organisation,
  upper(h.creditor_id[:4] || h.creditor_id[8:]) AS creditor,
  coalesce(u.name, creditor, h.iban, c.name) AS key
FROM hits h JOIN owners o ON o.account_id = h.account_id AND o.rank = 1 LEFT JOIN named n USING (transaction_id)
LEFT JOIN named_sides s ON s.account_id = h.account_id AND s.side = coalesce(h.iban, h.counterparty)
LEFT JOIN names c ON c.written = h.counterparty LEFT JOIN names u ON u.written = h.ultimate;
CREATE TEMP TABLE parties AS
SELECT *, rank AS label FROM (
  SELECT *, row_number() OVER (PARTITION BY customer_id, signal
    ORDER BY first_on, key, name, ultimate_name, iban, creditor) AS rank
  FROM (SELECT customer_id, signal, key, name, ultimate_name, iban, creditor, bool_or(organisation) AS organisation,
      min(day) AS first_on FROM keyed WHERE recurring AND key IS NOT NULL GROUP BY ALL)
  QUALIFY count(*) OVER (PARTITION BY customer_id, signal) > 1);
CREATE TEMP TABLE ties AS
SELECT a.customer_id, a.signal, a.rank AS one, b.rank AS other
FROM parties a JOIN parties b ON a.customer_id = b.customer_id AND a.signal = b.signal AND a.rank < b.rank
WHERE a.key = b.key
  OR (a.ultimate_name IS NULL OR b.ultimate_name IS NULL OR a.ultimate_name = b.ultimate_name)
    AND (a.iban = b.iban OR a.creditor = b.creditor)
  OR replace(a.name, ' ', '') = replace(b.name, ' ', '')
  OR list_sort(string_split(a.name, ' ')) = list_sort(string_split(b.name, ' '))
  OR starts_with(b.name || ' ', a.name || ' ') AND telling(a.name)
  OR starts_with(a.name || ' ', b.name || ' ') AND telling(b.name)
  OR least(length(a.name), length(b.name)) >= 20 AND (starts_with(a.name, b.name) OR starts_with(b.name, a.name))
  OR a.organisation AND b.organisation AND split_part(a.name, ' ', 1) = split_part(b.name, ' ', 1)
    AND (telling(split_part(a.name, ' ', 1))
      OR split_part(a.name, ' ', 2) = split_part(b.name, ' ', 2) AND telling(split_part(a.name, ' ', 2)))
  OR jaro_winkler_similarity(a.name, b.name) >= 0.92
    AND jaro_winkler_similarity(string_split(a.name, ' ')[-1], string_split(b.name, ' ')[-1]) >= 0.85;
-- Labels reach along chains of ties; three steps are more than any payer here needs.
UPDATE parties p SET label = t.label FROM (
  SELECT customer_id, signal, other, min(one) AS label FROM ties GROUP BY ALL) t
WHERE p.customer_id = t.customer_id AND p.signal = t.signal AND p.rank = t.other AND t.label < p.label;
UPDATE parties p SET label = t.label FROM (
  SELECT t.customer_id, t.signal, t.me, min(o.label) AS label
  FROM (SELECT customer_id, signal, one AS me, other AS it FROM ties UNION ALL SELECT customer_id, signal, other, one FROM ties) t
  JOIN parties o ON o.customer_id = t.customer_id AND o.signal = t.signal AND o.rank = t.it GROUP BY ALL) t
WHERE p.customer_id = t.customer_id AND p.signal = t.signal AND p.rank = t.me AND t.label < p.label;
UPDATE parties p SET label = t.label FROM (
  SELECT t.customer_id, t.signal, t.me, min(o.label) AS label
  FROM (SELECT customer_id, signal, one AS me, other AS it FROM ties UNION ALL SELECT customer_id, signal, other, one FROM ties) t
  JOIN parties o ON o.customer_id = t.customer_id AND o.signal = t.signal AND o.rank = t.it GROUP BY ALL) t
WHERE p.customer_id = t.customer_id AND p.signal = t.signal AND p.rank = t.me AND t.label < p.label;
CREATE TEMP TABLE occurrences AS
SELECT k.transaction_id, k.account_id, k.day, k.amount, k.signal, k.recurring, k.customer_id,
  coalesce(p.key, k.key, '') AS payer, replace(replace(coalesce(k.ultimate, k.counterparty), '  ', ' '), '  ', ' ') AS payer_name
FROM keyed k LEFT JOIN (SELECT DISTINCT p.customer_id, p.signal, p.key AS own, l.key FROM parties p JOIN parties l
    ON l.customer_id = p.customer_id AND l.signal = p.signal AND l.rank = p.label) p
  ON p.customer_id = k.customer_id AND p.signal = k.signal AND p.own = k.key;

-- stage: series
CREATE TEMP TABLE lines AS
SELECT row_number() OVER () AS line, * FROM (SELECT DISTINCT customer_id, signal, payer FROM occurrences WHERE recurring);
CREATE TEMP TABLE lined AS
SELECT l.line, o.transaction_id, o.account_id, o.day, o.amount, o.payer_name
FROM occurrences o JOIN lines l USING (customer_id, signal, payer) WHERE o.recurring;
CREATE MACRO rhythm(gap) AS CASE WHEN count(gap) FILTER (WHERE gap >= 4) = 0 THEN NULL
  WHEN quantile_disc(gap, 0.8) FILTER (WHERE gap >= 4) <= 10 THEN 1
  WHEN quantile_disc(gap, 0.8) FILTER (WHERE gap >= 4) <= 20 THEN 2
  WHEN quantile_disc(gap, 0.5) FILTER (WHERE gap >= 4) <= 45 THEN 3
  WHEN quantile_disc(gap, 0.5) FILTER (WHERE gap >= 4) <= 135 THEN 4
  WHEN quantile_disc(gap, 0.5) FILTER (WHERE gap >= 4) <= 270 THEN 5 ELSE 6 END;
CREATE TEMP TABLE gaps AS
SELECT line, day, day - lag(day) OVER (PARTITION BY line ORDER BY day) AS gap FROM (SELECT DISTINCT line, day FROM lined);
CREATE TEMP TABLE run_days AS
SELECT line, day, CASE WHEN gap <= longest THEN gap END AS gap,
  line * 65536 + count(*) FILTER (WHERE gap > longest) OVER (PARTITION BY line ORDER BY day) AS run
FROM gaps JOIN (SELECT line, coalesce([16, 32, 64, 184, 344, 688][rhythm(gap)], 688) AS longest FROM gaps GROUP BY line)
  USING (line);
CREATE TEMP TABLE series AS
SELECT r.run, l.customer_id, l.signal, l.payer, r.payer_name, r.first_tx, r.last_tx, r.first_on, r.last_on, r.bookings,
  v.level, r.first_on - opened.first_on AS history, live.last_on AS alive_on
FROM (SELECT run, any_value(i.line) AS line, count(*) AS bookings, min(i.day) AS first_on, max(i.day) AS last_on,
    arg_min(transaction_id, (i.day, transaction_id)) AS first_tx,
    arg_max(transaction_id, (i.day, transaction_id)) AS last_tx,
    arg_min(payer_name, (i.day, transaction_id)) AS payer_name,
    arg_min(account_id, (i.day, transaction_id)) AS first_account,
    arg_max(account_id, (i.day, transaction_id)) AS last_account
  FROM lined i JOIN run_days d ON d.line = i.line AND d.day = i.day GROUP BY run) r
JOIN lines l USING (line)
JOIN (SELECT run, quantile_disc(amount, 0.5) AS level FROM (
    SELECT run, i.day, sum(abs(amount)) AS amount FROM lined i JOIN run_days d ON d.line = i.line AND d.day = i.day
    GROUP BY ALL) GROUP BY run) v USING (run)
JOIN spans opened ON opened.account_id = r.first_account JOIN spans live ON live.account_id = r.last_account;

-- Steps of the level matter for child benefit and energy only.
CREATE TEMP TABLE steps AS
WITH usual AS (
  SELECT run, coalesce(quantile_disc(gap, 0.5) FILTER (WHERE gap >= [4, 11, 21, 46, 136, 271][class]),
    [7, 14, 30, 91, 182, 365][class]) AS cadence
  FROM run_days JOIN (SELECT run, rhythm(gap) AS class FROM run_days GROUP BY run) USING (run)
  WHERE run IN (SELECT run FROM series WHERE signal IN ('child-benefit', 'energy-supply')) GROUP BY run, class),
days AS (
  SELECT run, line, day, count(*) FILTER (WHERE coalesce(gap >= cadence / 2, true)) OVER (PARTITION BY run ORDER BY day) AS cycle
  FROM run_days JOIN usual USING (run)),
cycles AS (
  SELECT run, cycle, sum(abs(amount)) AS amount, count(*) AS bookings,
    arg_max(transaction_id, (abs(amount), transaction_id)) AS transaction_id,
    arg_max(lined.day, (abs(amount), transaction_id)) AS day
  FROM days JOIN lined ON lined.line = days.line AND lined.day = days.day GROUP BY run, cycle),
neighbours AS (
  SELECT *, lag(amount) OVER w AS p1, lag(amount, 2) OVER w AS p2, lag(amount, 3) OVER w AS p3, lead(amount) OVER w AS n1,
    lead(amount, 2) OVER w AS n2, lag(bookings) OVER w AS earlier
  FROM cycles WINDOW w AS (PARTITION BY run ORDER BY cycle)),
levels AS (
  SELECT *, CASE WHEN p3 IS NULL THEN p1 ELSE greatest(least(p1, p2), least(greatest(p1, p2), p3)) END AS old FROM neighbours)
SELECT run, transaction_id, day, old, amount AS new
FROM (SELECT *, greatest(0.01 * old, 0.25 * abs(amount - old)) AS near FROM levels)
WHERE abs(amount - old) > 0.01 * old AND len(list_filter([p1, p2, p3], lambda p: abs(p - old) <= near)) >= 2
  AND abs(p1 - amount) > near
  AND (abs(n1 - amount) <= near OR abs(n2 - amount) <= near OR n1 IS NULL AND bookings = earlier);

-- stage: kin
CREATE TEMP TABLE persons AS
SELECT customer_id, birth_date AS born, CASE WHEN death_date <= getvariable('as_of') THEN death_date END AS died
FROM read_parquet(files('customers'));
CREATE TEMP TABLE relations AS FROM read_parquet(files('relations'));
CREATE TEMP TABLE kin AS
WITH told AS (
  SELECT customer_id AS person, related_customer_id AS other, relation FROM relations
  WHERE coalesce(valid_from <= getvariable('as_of'), true) AND coalesce(valid_to >= getvariable('as_of'), true)),
child AS (
  SELECT person, other FROM told WHERE relation = 'child' UNION SELECT other, person FROM told WHERE relation = 'parent')
SELECT 'child' AS kind, * FROM child
UNION SELECT 'partner', person, other FROM told WHERE relation = 'partner'
UNION SELECT 'partner', other, person FROM told WHERE relation = 'partner'
UNION SELECT 'grandchild', person, other FROM told WHERE relation = 'grandchild'
UNION SELECT 'grandchild', other, person FROM told WHERE relation = 'grandparent'
UNION SELECT 'grandchild', a.person, b.other FROM child a JOIN child b ON a.other = b.person;

-- stage: evidence
CREATE TEMP TABLE patterns AS FROM (VALUES
    ('childbirth', 'child-account-opened', 2.0, 0, 180, NULL, NULL, false),
    ('childbirth', 'child-benefit-step', 6.5, 0, 90, 16, 60, true),
    ('childbirth', 'child-born', 7.5, 0, 0, NULL, NULL, false),
    ('childbirth', 'declared', 8.0, 0, 0, NULL, NULL, false),
    ('childbirth', 'first-child-benefit', 6.5, 0, 90, 16, 60, true),
    ('childbirth', 'first-parental-allowance', 5.0, 0, 180, 16, 60, true),
    ('childbirth', 'infant-wear', 1.0, 0, 90, 16, 60, true),
    ('childbirth', 'new-child-relation', 3.0, 0, 180, NULL, NULL, false),
    ('coming-of-age', 'declared', 8.0, 0, 0, NULL, NULL, false),
    ('coming-of-age', 'eighteenth-birthday', 8.0, 0, 0, NULL, NULL, false),
    ('coming-of-age', 'youth-account-closed', 2.0, 0, 60, 17, 20, false),
    ('first-job', 'declared', 8.0, 0, 0, NULL, NULL, false),
    ('first-job', 'first-capital-forming-benefit', 2.0, 0, 200, 15, 32, false),
    ('first-job', 'first-salary', 6.5, 0, 31, 16, 32, false),
    ('first-job', 'no-longer-student', 1.5, 0, 120, 16, 35, false),
    ('first-job', 'training-starts', 5.0, 0, 31, 15, 27, false),
    ('grandchild-birth', 'childs-childbirth', 6.5, 0, 90, NULL, NULL, false),
    ('grandchild-birth', 'declared', 8.0, 0, 0, NULL, NULL, false),
    ('grandchild-birth', 'first-gift', 2.5, 0, 180, 35, NULL, true),
    ('grandchild-birth', 'grandchild-born', 7.5, 0, 0, NULL, NULL, false),
    ('grandchild-birth', 'new-grandchild-relation', 6.5, 0, 180, NULL, NULL, false),
    ('job-change', 'declared', 8.0, 0, 0, NULL, NULL, false),
    ('job-change', 'occupation-changed', 1.0, 0, 120, NULL, NULL, false),
    ('job-change', 'salary-replaced', 6.5, 0, 31, 16, 67, true),
    ('job-loss', 'declared', 8.0, 0, 0, NULL, NULL, false),
    ('job-loss', 'energy-stops-too', -3.0, 0, 0, NULL, NULL, false),
    ('job-loss', 'rent-stops-too', -4.0, 0, 0, NULL, NULL, false),
    ('job-loss', 'salary-stops', 6.3, 14, 45, 18, 63, true),
    ('job-loss', 'severance', 3.0, 0, 60, 18, 66, true),
    ('job-loss', 'status-unemployed', 4.5, 0, 90, NULL, NULL, false),
    ('job-loss', 'unemployment-benefit-starts', 6.5, 0, 75, 17, 66, true),
    ('partner-death', 'declared', 8.0, 0, 0, NULL, NULL, false),
    ('partner-death', 'funeral-paid', 2.5, 0, 60, NULL, NULL, false),
    ('partner-death', 'partner-died', 7.5, 0, 0, NULL, NULL, false),
    ('partner-death', 'status-widowed', 6.0, 0, 180, NULL, NULL, false),
    ('partner-death', 'survivor-pension-starts', 6.5, 0, 150, 18, NULL, true),
    ('partner-job-change', 'declared', 8.0, 0, 0, NULL, NULL, false),
    ('partner-job-change', 'partner-changes-job', 6.5, 0, 31, NULL, NULL, false),
    ('relocation', 'declared', 8.0, 0, 0, NULL, NULL, false),
    ('relocation', 'deposit-paid', 3.0, 0, 45, NULL, NULL, false),
    ('relocation', 'energy-supplier-changes', 1.5, 0, 62, NULL, NULL, false),
    ('relocation', 'mail-forwarded', 3.0, 0, 45, NULL, NULL, false),
    ('relocation', 'mover-paid', 3.0, 0, 45, NULL, NULL, false),
    ('relocation', 'postal-code-changes', 6.5, 0, 90, NULL, NULL, false),
    ('relocation', 'rent-payee-changes', 6.3, 0, 45, NULL, NULL, false),
    ('relocation', 'street-changes', 4.5, 0, 90, NULL, NULL, false),
    ('relocation', 'supply-address-changes', 6.3, 0, 62, NULL, NULL, false),
    ('retirement', 'declared', 8.0, 0, 0, NULL, NULL, false),
    ('retirement', 'first-pension', 6.5, 0, 31, 60, 75, false),
    ('retirement', 'salary-gives-way', 3.0, 0, 31, 60, 75, false),
    ('retirement', 'salary-stops-late', 2.5, 14, 45, 63, 70, false),
    ('retirement', 'status-retired', 4.5, 0, 120, 55, 75, true)
) AS t (moment, pattern, weight, lag_min, lag_max, min_age, max_age, age_unknown);
CREATE TEMP TABLE types AS FROM (VALUES
    ('childbirth', 270, false, 365), ('coming-of-age', 180, true, 180), ('first-job', 180, true, 240),
    ('grandchild-birth', 270, false, 365), ('job-change', 120, false, 180), ('job-loss', 200, false, 270),
    ('partner-death', 365, false, 730), ('partner-job-change', 120, false, 180), ('relocation', 120, false, 180),
    ('retirement', 365, true, 365)) AS t (moment, merge_days, once, valid_days);
CREATE MACRO occurring(which, moment_, pattern_) AS TABLE
  SELECT moment_ AS moment, pattern_ AS pattern, customer_id, day, transaction_id AS premise
  FROM occurrences WHERE signal = which;
CREATE MACRO first_ever(which, moment_, pattern_, history) AS TABLE
  SELECT moment_ AS moment, pattern_ AS pattern, customer_id, day, transaction_id AS premise
  FROM (SELECT *, min(day) OVER (PARTITION BY customer_id) AS earliest FROM occurrences WHERE signal = which) o
  JOIN spans USING (account_id) WHERE day = earliest AND day - first_on >= history;
CREATE MACRO starting(which, moment_, pattern_, history_, count_, level_, first_) AS TABLE
  SELECT moment_ AS moment, pattern_ AS pattern, customer_id, first_on AS day, run::VARCHAR AS premise
  FROM (SELECT *, min(first_on) OVER (PARTITION BY customer_id) AS earliest FROM series WHERE signal = which)
  WHERE history >= history_ AND bookings >= count_ AND level >= level_ AND (NOT first_ OR first_on = earliest);
CREATE MACRO stopping(which, moment_, pattern_, count_, level_) AS TABLE
  SELECT moment_ AS moment, pattern_ AS pattern, customer_id, last_on + 45 AS day, run::VARCHAR AS premise FROM series s
  WHERE signal = which AND bookings >= count_ AND level >= level_
    AND getvariable('as_of') - last_on >= 45 AND alive_on - last_on >= 45
    AND NOT EXISTS (FROM series o WHERE o.customer_id = s.customer_id AND o.signal = which AND o.run <> s.run
      AND o.last_on > s.last_on AND o.first_on <= s.last_on + 45);
CREATE MACRO replacing(which, next_, moment_, pattern_, gap_, level_) AS TABLE
  SELECT DISTINCT moment_ AS moment, pattern_ AS pattern, n.customer_id, n.first_on AS day, n.run::VARCHAR AS premise
  FROM series o JOIN series n ON n.customer_id = o.customer_id AND n.signal = next_ AND n.run <> o.run
  WHERE o.signal = which AND n.payer <> o.payer AND n.payer_name <> o.payer_name AND n.level <> o.level
    AND n.bookings >= 2 AND o.bookings >= 2 AND o.first_on < n.first_on AND n.last_on > o.last_on
    AND getvariable('as_of') - o.last_on >= 40 AND abs(n.first_on - o.last_on) <= gap_ AND n.level >= level_
    AND NOT EXISTS (FROM series t WHERE t.customer_id = o.customer_id AND t.signal = which AND t.run <> o.run
      AND t.run <> n.run AND t.first_on < o.last_on AND t.last_on > n.first_on AND t.level >= n.level);
CREATE MACRO changing(attribute_, old_, new_, moment_, pattern_) AS TABLE
  SELECT moment_ AS moment, pattern_ AS pattern, customer_id, changed_on AS day,
    attribute || old_value || new_value AS premise
  FROM read_parquet(files('customer_changes')) WHERE attribute = attribute_ AND changed_on <= getvariable('as_of')
    AND coalesce(new_value = new_, true) AND coalesce(old_value = old_, true);
CREATE MACRO related(kind_, inverse_, moment_, pattern_) AS TABLE
  SELECT moment_ AS moment, pattern_ AS pattern, person AS customer_id, valid_from AS day, other AS premise
  FROM (SELECT customer_id AS person, related_customer_id AS other, valid_from FROM relations WHERE relation = kind_
    UNION SELECT related_customer_id, customer_id, valid_from FROM relations WHERE relation = inverse_)
  LEFT JOIN persons p ON p.customer_id = other
  WHERE valid_from IS NOT NULL AND NOT coalesce((valid_from - INTERVAL 1 YEAR)::DATE > p.born, false);
CREATE MACRO place(text) AS replace(regexp_replace(regexp_extract(upper(replace(text, 'ß', 'ss')),
  '[^ /,;+]+ ?(?:STR\.?|STRASSE|WEG|PLATZ|ALLEE|GASSE|RING|DAMM|UFER) ?[0-9]+'), 'STRASSE', 'STR', 'g'), ' ', '')
  .replace('.', '');
CREATE TEMP TABLE seen AS
FROM occurring('infant-wear', 'childbirth', 'infant-wear')
UNION ALL FROM occurring('severance-pay', 'job-loss', 'severance')
UNION ALL FROM occurring('rental-deposit', 'relocation', 'deposit-paid')
UNION ALL FROM occurring('mail-forwarding', 'relocation', 'mail-forwarded')
UNION ALL FROM occurring('mover', 'relocation', 'mover-paid')
UNION ALL FROM occurring('funeral', 'partner-death', 'funeral-paid')
UNION ALL FROM first_ever('child-benefit', 'childbirth', 'first-child-benefit', 180)
UNION ALL FROM first_ever('parental-allowance', 'childbirth', 'first-parental-allowance', 90)
UNION ALL FROM first_ever('gift-to-child', 'grandchild-birth', 'first-gift', 180)
UNION ALL FROM first_ever('pension', 'retirement', 'first-pension', 120)
UNION ALL FROM first_ever('survivor-pension', 'partner-death', 'survivor-pension-starts', 90)
UNION ALL FROM starting('capital-forming-benefit', 'first-job', 'first-capital-forming-benefit', 180, 2, 0, true)
UNION ALL FROM starting('salary', 'first-job', 'first-salary', 180, 3, 1000, true)
UNION ALL FROM starting('training-pay', 'first-job', 'training-starts', 180, 3, 0, true)
UNION ALL FROM starting('unemployment-benefit', 'job-loss', 'unemployment-benefit-starts', 90, 1, 0, false)
UNION ALL FROM stopping('salary', 'job-loss', 'salary-stops', 6, 700)
UNION ALL FROM stopping('rent', 'job-loss', 'rent-stops-too', 3, 0)
UNION ALL FROM stopping('energy-supply', 'job-loss', 'energy-stops-too', 3, 0)
UNION ALL FROM stopping('salary', 'retirement', 'salary-stops-late', 6, 0)
UNION ALL FROM replacing('salary', 'salary', 'job-change', 'salary-replaced', 66, 700)
UNION ALL FROM replacing('salary', 'pension', 'retirement', 'salary-gives-way', 95, 0)
UNION ALL FROM replacing('rent', 'rent', 'relocation', 'rent-payee-changes', 95, 0)
UNION ALL FROM replacing('energy-supply', 'energy-supply', 'relocation', 'energy-supplier-changes', 95, 0)
UNION ALL FROM replacing('household-payment', 'household-payment', 'relocation', 'household-payee-changes', 95, 0)
UNION ALL FROM changing('employment_status', 'student', 'employed', 'first-job', 'no-longer-student')
UNION ALL FROM changing('occupation', NULL, NULL, 'job-change', 'occupation-changed')
UNION ALL FROM changing('employment_status', NULL, 'unemployed', 'job-loss', 'status-unemployed')
UNION ALL FROM changing('civil_status', NULL, 'widowed', 'partner-death', 'status-widowed')
UNION ALL FROM changing('postal_code', NULL, NULL, 'relocation', 'postal-code-changes')
UNION ALL FROM changing('street', NULL, NULL, 'relocation', 'street-changes')
UNION ALL FROM changing('employment_status', NULL, 'retired', 'retirement', 'status-retired')
UNION ALL FROM related('child', 'parent', 'childbirth', 'new-child-relation')
UNION ALL FROM related('grandchild', 'grandparent', 'grandchild-birth', 'new-grandchild-relation')
UNION ALL
SELECT 'childbirth', 'child-benefit-step', customer_id, t.day, transaction_id
FROM steps t JOIN series USING (run) WHERE signal = 'child-benefit' AND new - old BETWEEN 200 AND 540
UNION ALL
SELECT 'childbirth', 'child-born', person, born, other FROM kin JOIN persons p ON p.customer_id = other
WHERE kind = 'child' AND born BETWEEN getvariable('as_of') - 365 AND getvariable('as_of')
UNION ALL
SELECT 'grandchild-birth', 'grandchild-born', person, born, other FROM kin JOIN persons p ON p.customer_id = other
WHERE kind = 'grandchild' AND born BETWEEN getvariable('as_of') - 365 AND getvariable('as_of')
UNION ALL
SELECT 'partner-death', 'partner-died', person, died, other
FROM (SELECT person, other, NULL AS ended FROM kin WHERE kind = 'partner'
  UNION SELECT customer_id, related_customer_id, valid_to FROM relations WHERE relation = 'partner' AND valid_to IS NOT NULL
  UNION SELECT related_customer_id, customer_id, valid_to FROM relations WHERE relation = 'partner' AND valid_to IS NOT NULL)
JOIN persons p ON p.customer_id = other
WHERE died BETWEEN getvariable('as_of') - 730 AND getvariable('as_of') AND coalesce(ended >= died, true)
GROUP BY ALL
UNION ALL
SELECT 'coming-of-age', 'eighteenth-birthday', customer_id, (born + INTERVAL 18 YEAR)::DATE, customer_id FROM persons
WHERE (born + INTERVAL 18 YEAR)::DATE BETWEEN getvariable('as_of') - 730 AND getvariable('as_of')
UNION ALL
SELECT 'childbirth', 'child-account-opened', h.customer_id, opened_on, account_id
FROM read_parquet(files('accounts')) JOIN read_parquet(files('account_holders')) h USING (account_id)
WHERE kind = 'youth' AND role = 'guardian' AND opened_on <= getvariable('as_of')
UNION ALL
SELECT 'coming-of-age', 'youth-account-closed', h.customer_id, closed_on, account_id
FROM read_parquet(files('accounts')) JOIN read_parquet(files('account_holders')) h USING (account_id)
WHERE kind = 'youth' AND role = 'owner' AND closed_on <= getvariable('as_of')
UNION ALL
SELECT moment, 'declared', customer_id, coalesce(occurred_on, getvariable('as_of')), source
FROM read_parquet(files('declared_moments')) WHERE state = 'confirmed' AND moment IN (SELECT moment FROM types)
UNION ALL
SELECT 'relocation', 'supply-address-changes', customer_id, day, new_tx
FROM (SELECT n.customer_id, n.first_on AS day, n.first_tx AS new_tx, o.last_tx AS old_tx
  FROM series o JOIN series n ON n.customer_id = o.customer_id AND n.run <> o.run
  WHERE o.signal = 'energy-supply' AND n.signal = 'energy-supply' AND n.first_on - o.last_on BETWEEN 0 AND 95
  UNION ALL
  SELECT customer_id, day, transaction_id, first_tx FROM (
    SELECT * FROM steps QUALIFY rank() OVER (PARTITION BY run ORDER BY day) = 1) JOIN series USING (run)
  WHERE signal = 'energy-supply')
JOIN (SELECT transaction_id, place(purpose) AS old_place FROM booked) o ON o.transaction_id = old_tx
JOIN (SELECT transaction_id, place(purpose) AS new_place FROM booked) n ON n.transaction_id = new_tx
WHERE old_place <> '' AND new_place <> '' AND old_place <> new_place
GROUP BY ALL;

-- What speaks against it.
CREATE TEMP TABLE accepted AS
SELECT s.*, p.weight, p.lag_min, p.lag_max
FROM seen s JOIN patterns p USING (moment, pattern) JOIN persons USING (customer_id)
WHERE day <= getvariable('as_of') AND NOT coalesce(died <= day, false)
  AND CASE WHEN born IS NULL THEN min_age IS NULL AND max_age IS NULL OR age_unknown
    ELSE coalesce((born + min_age * INTERVAL 1 YEAR)::DATE <= day, true)
      AND coalesce((born + max_age * INTERVAL 1 YEAR)::DATE >= day, true) END;
CREATE TEMP TABLE against AS
SELECT DISTINCT a.pattern, a.customer_id, a.day FROM accepted a JOIN series x USING (customer_id)
WHERE a.pattern = 'first-salary' AND x.signal IN ('training-pay', 'unemployment-benefit')
    AND a.day - x.last_on <= 62 AND x.first_on - a.day <= 31
  OR a.pattern = 'salary-replaced' AND x.signal IN ('maternity-benefit', 'training-pay')
    AND a.day - x.last_on <= 62 AND x.first_on - a.day <= 31
  OR a.pattern = 'salary-stops' AND x.signal IN ('maternity-benefit', 'parental-allowance', 'pension', 'semester-fee',
      'sick-pay', 'student-grant', 'survivor-pension', 'training-pay')
    AND a.day - x.last_on <= 120 AND x.first_on - a.day <= 120
  OR a.pattern = 'first-pension' AND x.signal = 'salary' AND x.first_on <= a.day AND x.last_on - a.day >= 40;
INSERT INTO against
SELECT DISTINCT a.pattern, a.customer_id, a.day FROM accepted a JOIN occurrences x USING (customer_id)
WHERE a.pattern IN ('salary-stops', 'salary-stops-late') AND x.signal = 'account-moved' AND abs(a.day - x.day) <= 120;
INSERT INTO against
SELECT DISTINCT a.pattern, a.customer_id, a.day
FROM accepted a JOIN kin ON kin.person = a.customer_id AND kin.kind = 'partner'
JOIN occurrences x ON x.customer_id = kin.other
WHERE a.pattern = 'first-child-benefit' AND x.signal = 'child-benefit' AND a.day - x.day <= 4000 AND x.day - a.day <= 31;
DELETE FROM accepted WHERE (pattern, customer_id, day) IN (SELECT (pattern, customer_id, day) FROM against);
DELETE FROM accepted a WHERE pattern = 'salary-stops' AND EXISTS (FROM accepted x WHERE x.pattern = 'salary-replaced'
  AND x.customer_id = a.customer_id AND abs(a.day - x.day) <= 120);

-- stage: moments
CREATE TABLE moments (moment VARCHAR, customer_id VARCHAR, occurred_from DATE, occurred_to DATE, detected_on DATE,
  confidence DOUBLE, state VARCHAR);
CREATE MACRO merged(evidence) AS TABLE
WITH started AS (
  SELECT e.*, t.merge_days, t.once, t.valid_days, CASE WHEN before IS NULL OR NOT once AND day - before > merge_days THEN 1 ELSE 0 END AS starts
  FROM (SELECT *, lag(day) OVER (PARTITION BY customer_id, moment ORDER BY day) AS before FROM query_table(evidence)) e
  JOIN types t USING (moment)),
clustered AS (
  SELECT *, sum(starts) OVER (PARTITION BY customer_id, moment ORDER BY day) AS cluster FROM started),
counted AS (
  SELECT *, row_number() OVER (PARTITION BY customer_id, moment, cluster, pattern ORDER BY abs(weight) DESC, day) = 1 AS counts
  FROM clustered),
running AS (
  SELECT *, -4.0 + sum(CASE WHEN counts THEN weight ELSE 0 END) OVER (
    PARTITION BY customer_id, moment, cluster ORDER BY day RANGE UNBOUNDED PRECEDING) AS odds FROM counted),
scored AS (
  SELECT customer_id, moment, any_value(valid_days) AS valid_days, min(day) AS first_on, max(day) AS last_on,
    1 / (1 + exp(4.0 - sum(CASE WHEN counts THEN weight ELSE 0 END))) AS confidence,
    max(day - lag_max) FILTER (WHERE counts AND weight > 0) AS narrow_from,
    min(day - lag_min) FILTER (WHERE counts AND weight > 0) AS narrow_to,
    arg_max(day - lag_max, weight) FILTER (WHERE counts AND weight > 0) AS strong_from,
    arg_max(day - lag_min, weight) FILTER (WHERE counts AND weight > 0) AS strong_to,
    min(day) FILTER (WHERE odds >= 0) AS detected_on
  FROM running GROUP BY customer_id, moment, cluster)
SELECT moment, customer_id, CASE WHEN narrow_from <= narrow_to THEN narrow_from ELSE strong_from END AS occurred_from,
  CASE WHEN narrow_from <= narrow_to THEN narrow_to ELSE strong_to END AS occurred_to,
  coalesce(detected_on, last_on) AS detected_on, confidence,
  CASE WHEN d.state = 'dismissed' THEN 'dismissed'
    WHEN occurred_to + valid_days < getvariable('as_of') THEN 'expired'
    WHEN d.state = 'confirmed' OR confidence >= 0.9 THEN 'confirmed' ELSE 'tentative' END AS state
FROM scored LEFT JOIN (SELECT customer_id, moment, min(state) FILTER (WHERE state = 'dismissed') AS gone, min(state) AS state
  FROM read_parquet(files('declared_moments')) GROUP BY ALL) d USING (customer_id, moment)
WHERE confidence >= 0.5;
INSERT INTO moments FROM merged('accepted');
-- Kin views look at the moments before them.
CREATE TEMP TABLE kin_evidence AS
SELECT p.moment, p.pattern, k.person AS customer_id, m.occurred_to AS day, m.customer_id AS premise, p.weight, p.lag_min, p.lag_max
FROM moments m JOIN kin k ON k.other = m.customer_id JOIN patterns p
  ON (p.pattern, m.moment, k.kind) IN (('childs-childbirth', 'childbirth', 'child'), ('partner-changes-job', 'job-change', 'partner'))
JOIN persons q ON q.customer_id = k.person
WHERE (m.state = 'confirmed' OR m.state = 'expired' AND m.confidence >= 0.9) AND m.occurred_to <= getvariable('as_of')
  AND NOT coalesce(q.died <= m.occurred_to, false)
UNION ALL SELECT * FROM accepted WHERE moment IN ('grandchild-birth', 'partner-job-change');
DELETE FROM moments WHERE moment IN ('grandchild-birth', 'partner-job-change');
INSERT INTO moments FROM merged('kin_evidence');
