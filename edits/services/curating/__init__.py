"""What people do with finished edits: share, star, tag, comment, trash."""
