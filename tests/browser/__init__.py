"""What only a browser can show: Retake as its users start it, in real Chromium."""
