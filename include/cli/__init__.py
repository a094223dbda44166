"""The command line: look, check and rehearse without Airflow. ``python -m include.cli --help``."""
