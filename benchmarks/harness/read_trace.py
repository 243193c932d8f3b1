"""Reads a trace that a profiler has written, by the suffix of its name: .tracy, .pb (Perfetto), .json, .json.gz.

read_trace.py open FILE         has all of it in memory: what is measured is this process
read_trace.py count FILE PATH   prints {calls of functions of PATH, calls in all} as a JSON list

Each way imports only what it needs, so that opening costs no more than it must.
"""

import json
import sys


def load_json(path):
    import gzip

    opened = gzip.open if path.endswith(".gz") else open
    with opened(path, "rt", encoding="utf-8") as file:
        return json.load(file)


def count_json(path, source):
    names = [event["name"] for event in load_json(path)["traceEvents"] if event["ph"] == "X"]
    return sum(f" ({source}:" in name for name in names), len(names)


def open_tracy(path):
    import tracypy

    trace = tracypy.open(path)
    return trace, [thread.zones for thread in trace.threads]


def count_tracy(path, source):
    trace, columns = open_tracy(path)
    files = [location.file == source for location in trace.source_locations]
    own = sum(files[at] for zones in columns for at in zones["location"].tolist())
    return own, sum(len(zones["location"]) for zones in columns)


def fields(data, at, end):
    """Yield the fields of a protocol buffer's message: (number, value), or (number, (start, end)) of bytes in `data`."""
    while at < end:
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
            yield key >> 3, value
            continue
        size, at = varint(data, at) if key & 7 == 2 else (8 if key & 7 == 1 else 4, at)
        yield key >> 3, (at, at + size)
        at += size


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


# Numbers of fields in Perfetto's messages.
PACKET = 1  # of Trace
SEQUENCE, TRACK_EVENT, INTERNED = 10, 11, 12  # of TracePacket
TYPE, LOCATION, SLICE_BEGIN = 9, 34, 1  # of TrackEvent, and the type that begins a slice
SOURCE_LOCATIONS, IID, FILE_NAME = 4, 1, 2  # of InternedData and SourceLocation


def count_perfetto(path, source):
    with open(path, "rb") as file:
        data = file.read()
    own_locations, own, total = set(), 0, 0
    for number, packet in fields(data, 0, len(data)):
        if number != PACKET:
            continue
        parts = dict(fields(data, *packet))
        sequence = parts.get(SEQUENCE)
        for kind, span in fields(data, *parts[INTERNED]) if INTERNED in parts else ():
            location = dict(fields(data, *span)) if kind == SOURCE_LOCATIONS else {}
            if FILE_NAME in location and data[slice(*location[FILE_NAME])].decode() == source:
                own_locations.add((sequence, location[IID]))
        event = dict(fields(data, *parts[TRACK_EVENT])) if TRACK_EVENT in parts else {}
        if event.get(TYPE) == SLICE_BEGIN:
            total += 1
            own += (sequence, event.get(LOCATION)) in own_locations
    return own, total


OPENERS = {".tracy": open_tracy, ".json": load_json, ".json.gz": load_json}
COUNTERS = {".tracy": count_tracy, ".pb": count_perfetto, ".json": count_json, ".json.gz": count_json}


def main():
    what, path, *source = sys.argv[1:]
    functions = OPENERS if what == "open" else COUNTERS
    read = next(function for suffix, function in functions.items() if path.endswith(suffix))
    result = read(path, *source)
    if what == "count":
        print(json.dumps(result))


if __name__ == "__main__":
    main()
