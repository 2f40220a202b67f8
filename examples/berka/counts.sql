-- What must be found in the Czech bank, counted on its files alone: nothing of Augenblick is used here.
-- Views: client, disp, loan, trans (the files as text). Parameters: $as_of; of the first pension $history_days, $youngest
-- and $oldest (years); of the eighteenth birthday $look_back_days, $look_back_in_data_days (since the data begin) and $open_days;
-- $partner_age (years).
WITH person AS (
    -- birth_number is YYMMDD, women's month + 50
    SELECT client_id,
           make_date(1900 + n // 10000, (n // 100 % 100 - CASE WHEN n // 100 % 100 > 50 THEN 50 ELSE 0 END)::INT, (n % 100)::INT) AS born
    FROM (SELECT client_id, birth_number::INT AS n FROM client)
),
booking AS (
    SELECT *, strptime('19' || trans."date", '%Y%m%d')::DATE AS booked_on FROM trans WHERE booked_on <= $as_of::DATE
),
owner AS (SELECT account_id, client_id, born FROM disp JOIN person USING (client_id) WHERE type = 'OWNER'),
pension AS (
    SELECT client_id, born, min(booked_on) FILTER (WHERE k_symbol = 'DUCHOD') AS first_on, min(booked_on) AS begin_on
    FROM booking JOIN owner USING (account_id) GROUP BY ALL HAVING first_on IS NOT NULL
),
judged AS (
    SELECT first_on - begin_on < $history_days AS too_short,
           born + to_years($youngest) > first_on OR born + to_years($oldest) < first_on AS too_young_or_old
    FROM pension
),
birthday AS (
    SELECT (born + to_years(18))::DATE AS eighteen FROM person
    WHERE eighteen <= $as_of::DATE AND (
        eighteen >= $as_of::DATE - $look_back_days::INT
        OR eighteen >= greatest($as_of::DATE - $look_back_in_data_days::INT, (SELECT min(booked_on) FROM booking)))
),
couple AS (
    SELECT greatest(a.born, b.born) + to_years($partner_age) > $as_of::DATE AS with_a_child
    FROM disp d JOIN disp o USING (account_id) JOIN person a ON a.client_id = d.client_id JOIN person b ON b.client_id = o.client_id
    WHERE d.type = 'DISPONENT' AND o.type = 'OWNER'
),
household AS (SELECT client_id FROM booking JOIN owner USING (account_id) WHERE k_symbol = 'SIPO')
SELECT 'people with a first pension' AS what, count(*) AS number FROM pension
UNION ALL SELECT 'first pensions turned down: history too short', count(*) FROM judged WHERE too_short
UNION ALL SELECT 'first pensions turned down: age outside', count(*) FROM judged WHERE too_young_or_old
UNION ALL SELECT 'retirements', count(*) FROM judged WHERE NOT too_short AND NOT too_young_or_old
UNION ALL SELECT 'eighteenth birthdays', count(*) FROM birthday
UNION ALL SELECT 'eighteenth birthdays, still open', count(*) FROM birthday WHERE eighteen + $open_days::INT >= $as_of::DATE
UNION ALL SELECT 'people with household payments', count(DISTINCT client_id) FROM household
UNION ALL SELECT 'household payments', count(*) FROM household
UNION ALL SELECT 'couples', count(*) FROM couple WHERE NOT with_a_child
UNION ALL SELECT 'couples kept out: one is a child', count(*) FROM couple WHERE with_a_child
UNION ALL SELECT 'people with a loan', count(DISTINCT client_id) FROM loan JOIN owner USING (account_id)
