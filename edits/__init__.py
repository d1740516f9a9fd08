"""The app: uploads, edits, results, review and the people who work with them."""
