#!/bin/bash
# Runs once, when the database volume is empty: the ledger gets a database and an account of its own,
# so that Airflow's account cannot read returns, and the ledger's cannot touch Airflow.
set -euo pipefail

psql --set ON_ERROR_STOP=1 --set password="$DUBAN_LEDGER_PASSWORD" --username "$POSTGRES_USER" --dbname postgres <<'SQL'
CREATE ROLE duban LOGIN PASSWORD :'password';
CREATE DATABASE duban OWNER duban;
REVOKE CONNECT ON DATABASE duban FROM PUBLIC;
REVOKE CONNECT ON DATABASE airflow FROM PUBLIC;
SQL
