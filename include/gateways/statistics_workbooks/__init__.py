"""Statistics workbooks (统计表) in the official look."""

from include.gateways.statistics_workbooks.layouts import BadLayout
from include.gateways.statistics_workbooks.workbooks import StatisticsWorkbooks

__all__ = ["BadLayout", "StatisticsWorkbooks"]
