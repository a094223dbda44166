"""A finished campaign in plain files, to be kept for ten years and read without this program."""

from include.gateways.retention.check import check
from include.gateways.retention.export import Contents, Subject, export

__all__ = ["Contents", "Subject", "check", "export"]
