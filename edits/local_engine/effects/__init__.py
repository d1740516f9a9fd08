"""The practice engine's effects: each takes an RGB picture and a How, and keeps the size."""
