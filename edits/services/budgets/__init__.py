"""How much a person and the team may have made, and what is left."""
