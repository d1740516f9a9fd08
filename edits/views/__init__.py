"""The pages: each module one screen or one kind of action."""
