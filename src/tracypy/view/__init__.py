"""A recording as a timeline in a browser: what `tracypy view` shows, and the server that it comes from."""
