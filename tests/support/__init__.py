"""Peers and builders that the tests use; nothing here imports tracypy."""
