"""The tables of this room: `offers.*`, all derived."""

from __future__ import annotations

import duckdb

from augenblick.content import reading

LAYERS = tuple(reading.LAYERS)
"""The layers of conditions in the order they are asked; the first that fails gives the verdict."""

OFFERED = "offered"
"""The verdict when all layers are fulfilled; else it is "not " and the first failing layer."""

_TABLES = """
CREATE SCHEMA IF NOT EXISTS offers;
CREATE TABLE IF NOT EXISTS offers.offers (
    offer_id VARCHAR PRIMARY KEY, customer_id VARCHAR, moment_id VARCHAR, product VARCHAR,
    eligible BOOLEAN, applicable BOOLEAN, suitable BOOLEAN, contact BOOLEAN,
    reasons_de VARCHAR[], reasons_en VARCHAR[], verdict VARCHAR, rank INTEGER
);
CREATE TABLE IF NOT EXISTS offers.verdicts (
    offer_id VARCHAR, layer VARCHAR, fulfilled BOOLEAN, reasons_de VARCHAR[], reasons_en VARCHAR[]
);
CREATE TABLE IF NOT EXISTS offers.guards (offer_id VARCHAR, strictness INTEGER, others VARCHAR[]);
CREATE TABLE IF NOT EXISTS offers.milder (
    offer_id VARCHAR, verdict VARCHAR, reasons_de VARCHAR[], reasons_en VARCHAR[], passed INTEGER
);
CREATE TABLE IF NOT EXISTS offers.milder_verdicts AS FROM offers.verdicts LIMIT 0;
DELETE FROM offers.offers;
DELETE FROM offers.verdicts;
DELETE FROM offers.guards;
DELETE FROM offers.milder;
DELETE FROM offers.milder_verdicts;
CREATE OR REPLACE TEMP TABLE offer_matches (
    moment_type VARCHAR, product VARCHAR, product_slug VARCHAR, product_order INTEGER
);
CREATE OR REPLACE TEMP TABLE offer_layers (
    product VARCHAR, layer VARCHAR, layer_order INTEGER, met_de VARCHAR, met_en VARCHAR
);
CREATE OR REPLACE TEMP TABLE offer_failures (
    offer_id VARCHAR, shape VARCHAR, reason_de VARCHAR, reason_en VARCHAR,
    strictness INTEGER, kinships VARCHAR[]
);
CREATE OR REPLACE TEMP TABLE offer_classes (product VARCHAR, strictness INTEGER);
CREATE OR REPLACE TEMP TABLE offer_conditions (product VARCHAR, layer VARCHAR, shape VARCHAR);
"""


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the room's tables where they are absent, and empty them."""
    connection.execute(_TABLES)
