"""One file a network, found by the name that `datasets.<name>.judge` says."""
