"""Hundreds of edits at a provider that misbehaves by chance, while workers and the web server are killed.

``python -m tests.soak --edits 300 --kills 50`` runs it and says which promise was broken, if one was.
"""
