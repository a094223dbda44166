"""The pages of the office in the Airflow UI: they show and link, acts are Airflow runs."""
