"""All that changes things: each module one part of an edit's life."""
