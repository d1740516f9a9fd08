"""``python -m edits.local_engine --port N``: the practice engine without Django, which is twice as large as it."""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence

from edits.local_engine.serving import DESCRIPTION, CannotListen, add_options, serve


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until it is stopped.  Raises SystemExit with a sentence if the port cannot be used."""
    parser = ArgumentParser(prog="python -m edits.local_engine", description=DESCRIPTION)
    add_options(parser)
    try:
        serve(**vars(parser.parse_args(arguments)))
    except CannotListen as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
