"""Reviewing: what people do with an edit that the content filter stopped."""

from edits.services.reviewing.opening import open_case

__all__ = ["open_case"]
