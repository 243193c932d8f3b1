"""The kinds of events, one module for each: its handlers, its rules, and what the trace keeps of it.

Each rule names the upstream source that it comes from. "W" is `server/TracyWorker.cpp`, "P" is
`public/client/TracyProfiler.cpp`; where a rule holds for some releases only, they are named too.
"""
