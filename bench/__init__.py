"""Measures a running Retake on this machine.  ``make bench`` prints the figures and keeps them in results.md."""
