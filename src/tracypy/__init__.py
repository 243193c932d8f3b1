"""The Tracy profiler for Python: every call a zone, in any Tracy viewer from 0.11 to 0.14."""
