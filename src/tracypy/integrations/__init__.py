"""Recording programs that run on an engine for clusters: a module for each, imported only by whoever uses it."""
