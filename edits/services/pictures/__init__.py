"""Picture files: stored, rendered as thumbnails, checked against the rows, and deleted."""
