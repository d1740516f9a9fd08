"""Python imports this when it starts, where this folder is on PYTHONPATH: it and its children have such a volume."""

from tests.odd_volume import missing

missing.take_away(missing.LACKING)
