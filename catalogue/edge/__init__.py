"""The edge: the only package that uses the network and the disk."""
