"""Files as they arrive, whole in other formats or broken in every way; all made by code, all synthetic."""
