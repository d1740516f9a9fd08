"""What the practice engine can do to a picture: each effect takes RGB and a How, and keeps the size."""
