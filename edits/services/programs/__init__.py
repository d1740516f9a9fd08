"""What other programs are served with: keys, joined calls, waiting, links, and edits in JSON."""
