"""One file a system, found by the name that `rows.<row>.system` says. No system imports another."""
