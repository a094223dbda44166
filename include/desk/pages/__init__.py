"""One module per page or kind of pages; each has a ``router``."""
