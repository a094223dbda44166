"""What a production deployment runs besides Airflow's own commands."""
