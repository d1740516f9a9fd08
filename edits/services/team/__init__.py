"""People: how they join, their roles, and the audit log."""
