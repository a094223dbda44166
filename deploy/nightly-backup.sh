#!/bin/bash
# The backup job: once a day at BACKUP_AT (Asia/Shanghai). A backup that fails is tried again every half hour, and
# until one succeeds the file .failed makes the container's health check say so. The last BACKUP_KEEP are kept.
set -uo pipefail

failed="$DUBAN_HOME/backups/.failed"

while true; do
    now=$(date +%s)
    next=$(date --date "today $BACKUP_AT" +%s)
    ((next > now)) || next=$(date --date "tomorrow $BACKUP_AT" +%s)
    sleep $((next - now)) &
    wait $!
    until python -m include.cli backup --keep "$BACKUP_KEEP"; do
        touch "$failed"
        sleep 1800 &
        wait $!
    done
    rm --force "$failed"
done
