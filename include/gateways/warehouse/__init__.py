"""Settlement data of a bureau: read from where they lie, judged by partition, coded once, screened by DuckDB or Spark."""

from include.gateways.warehouse.engines import connect
from include.gateways.warehouse.warehouse import Taken, Warehouse

__all__ = ["Taken", "Warehouse", "connect"]
