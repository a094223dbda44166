#!/bin/bash
# Before anything else starts: both databases brought up to date, roles and the first user made.
# Running it again changes nothing that is there.
set -euo pipefail

airflow db migrate
python -m include.cli ledger upgrade

# The office's roles and what each may do.
if [[ -f deploy/access.py ]]; then
    python -m deploy.access
fi

airflow users create --role Admin --username "$ADMIN_USER" --password "$ADMIN_PASSWORD" \
    --email "$DUBAN_OFFICE_MAILBOX" --firstname 管理员 --lastname 医保局
