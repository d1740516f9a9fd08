"""Several machines on one PostgreSQL, Redis and bucket: nothing is done twice, nothing lost with one of them."""
