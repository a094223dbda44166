"""Written reports (书面报告) in the official format of GB/T 9704-2012."""

from include.gateways.documents.documents import Documents
from include.gateways.documents.faults import BadDocument

__all__ = ["BadDocument", "Documents"]
