"""The whole office in one folder, and back: ledger, originals, campaigns, rights, Airflow's own database."""

from include.gateways.backup.making import make, prune
from include.gateways.backup.manifest import Manifest, Place, read, verified
from include.gateways.backup.restoring import Restored, put_back

__all__ = ["Manifest", "Place", "Restored", "make", "prune", "put_back", "read", "verified"]
