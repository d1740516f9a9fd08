"""What people do with edits that are done: share, star, tag, comment, throw away."""
