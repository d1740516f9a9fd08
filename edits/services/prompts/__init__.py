"""What edits were asked for: past prompts, presets, and what became of edits made with them."""
