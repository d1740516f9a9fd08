"""The provider's account as administrators run it: stopped, tried, explained."""
