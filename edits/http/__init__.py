"""What pages and the API share: errors, access, uploads and their limits, what an edit's status says, pictures."""
