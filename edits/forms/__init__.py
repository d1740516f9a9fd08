"""What people type, made into values once; each module one subject."""
