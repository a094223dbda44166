#!/bin/bash
# Before anything else starts: both databases brought up to date, the first user and the roles made.
# Running it again changes nothing that is there.
set -euo pipefail

airflow db migrate
python -m include.cli ledger upgrade

# First, with its password: the access file names this user too, and whom it makes has none yet.
airflow users create --role Admin --username "$ADMIN_USER" --password "$ADMIN_PASSWORD" \
    --email "$DUBAN_OFFICE_MAILBOX" --firstname 管理员 --lastname 医保局

# The office's roles and users, as access/access.yaml says.
python -m deploy.access
