"""The tables of this room: `moments.*` (derived); `bank.moment_identities` and `bank.feedback` are durable.

The durable ones hold what was once published and what people said of it.
"""

from __future__ import annotations

import duckdb

from augenblick.moments import feedback

_TABLES = """
CREATE SCHEMA IF NOT EXISTS moments;

CREATE TABLE IF NOT EXISTS moments.types (
    moment_type VARCHAR PRIMARY KEY, slug VARCHAR, prior DOUBLE, merge_days INTEGER, occurs_once BOOLEAN,
    valid_days INTEGER, tentative_from DOUBLE, confirmed_from DOUBLE, dismissal_share DOUBLE
);
CREATE TABLE IF NOT EXISTS moments.dating (moment_type VARCHAR, pattern VARCHAR, within_days INTEGER);
CREATE TABLE IF NOT EXISTS moments.indications (
    indication VARCHAR, customer_id VARCHAR, moment_type VARCHAR, pattern VARCHAR, weight DOUBLE, observed_on DATE,
    lag_minimum INTEGER, lag_maximum INTEGER, veto BOOLEAN
);
CREATE TABLE IF NOT EXISTS moments.contributions (
    cluster_id VARCHAR, moment_id VARCHAR, customer_id VARCHAR, moment_type VARCHAR, pattern VARCHAR,
    indication VARCHAR, weight DOUBLE, observed_on DATE, counted BOOLEAN, ground VARCHAR
);
CREATE TABLE IF NOT EXISTS moments.premises (
    indication VARCHAR, moment_type VARCHAR, premise VARCHAR, ground VARCHAR
);
CREATE TABLE IF NOT EXISTS moments.grounds (moment_id VARCHAR, moment_type VARCHAR, ground VARCHAR);
CREATE TABLE IF NOT EXISTS moments.weak (
    customer_id VARCHAR, moment_type VARCHAR, slug VARCHAR, first_on DATE, last_on DATE, confidence DOUBLE,
    vetoed BOOLEAN, cluster_id VARCHAR
);
CREATE TABLE IF NOT EXISTS moments.moments (
    moment_id VARCHAR, customer_id VARCHAR, moment_type VARCHAR, slug VARCHAR, occurred_from DATE, occurred_to DATE,
    detected_on DATE, valid_until DATE, confidence DOUBLE, state VARCHAR, cluster_id VARCHAR, anchor_on DATE
);
CREATE TABLE IF NOT EXISTS bank.moment_identities (
    moment_id VARCHAR, customer_id VARCHAR, slug VARCHAR, anchor_on DATE
);
DELETE FROM moments.indications;
DELETE FROM moments.premises;
DELETE FROM moments.grounds;
DELETE FROM moments.contributions;
DELETE FROM moments.weak;
DELETE FROM moments.moments;
"""


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the room's tables where they are absent, and empty the derived ones: a run begins."""
    connection.execute(_TABLES)
    connection.execute(feedback.TABLE)
    feedback.heard(connection)
