"""The API under /v1/: StepFun's image edits, and Retake's own edits, authenticated by API keys."""
