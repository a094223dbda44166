# Airflow with this project in it; the same image runs every component.
FROM apache/airflow:3.3.2-python3.11

USER root
# Of the system, what one office needs besides, e.g. --build-arg EXTRA_SYSTEM_PACKAGES=openjdk-17-jre-headless for Spark.
ARG EXTRA_SYSTEM_PACKAGES=""
# Charts and PDFs need a Chinese font, without it every character is an empty box; LibreOffice turns .xls and
# written reports into what can be read; pg_dump makes the backups.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        fonts-noto-cjk libreoffice-calc-nogui libreoffice-writer-nogui postgresql-client $EXTRA_SYSTEM_PACKAGES \
    && apt-get clean \
    && rm -rf /var/lib/apt/lists/*
# Made here and owned by the unprivileged account, so that volumes mounted on them are writable for it.
RUN install --directory --owner=airflow --group=0 --mode=0775 \
    /opt/duban /opt/duban/settlements /opt/duban/prepared \
    /opt/duban/inbox /opt/duban/archive /opt/duban/rendered /opt/duban/marks /opt/duban/backups /opt/duban/watch

USER airflow
COPY --chown=airflow:0 requirements.txt /opt/airflow/requirements.txt
RUN pip install --no-cache-dir --requirement /opt/airflow/requirements.txt
# What one office needs besides, e.g. --build-arg EXTRA_PACKAGES=s3fs; the pinned versions do not move for it.
ARG EXTRA_PACKAGES=""
RUN if [ -n "$EXTRA_PACKAGES" ]; then \
        pip install --no-cache-dir --constraint /opt/airflow/requirements.txt $EXTRA_PACKAGES; \
    fi

COPY --chown=airflow:0 dags /opt/airflow/dags
COPY --chown=airflow:0 plugins /opt/airflow/plugins
COPY --chown=airflow:0 include /opt/airflow/include
COPY --chown=airflow:0 deploy /opt/airflow/deploy

ENV PYTHONPATH=/opt/airflow \
    DUBAN_HOME=/opt/duban \
    TZ=Asia/Shanghai
