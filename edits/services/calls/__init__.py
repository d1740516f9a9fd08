"""One call to the provider, from the claimed edit to what is on record of its answer."""
