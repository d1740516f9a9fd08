"""Files of pictures: stored, drawn small, counted, compared with the rows, and thrown away."""
