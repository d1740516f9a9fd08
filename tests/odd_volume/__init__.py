"""A volume that lacks what others have, for this process or, by PYTHONPATH, for all that a test starts."""
