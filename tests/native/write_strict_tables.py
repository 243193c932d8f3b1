"""Write the strict viewer's tables of events as a C++ header, for the native tests.

usage: write_strict_tables.py tests/support/viewer/tables.py strict_tables.hpp

The native tests hold the product's tables against these, and read sessions by them. They are counted from the
protocol's facts a second time, so that a mistake of the product's tables is not the tests' mistake as well.
"""

from __future__ import annotations

import importlib.util
import struct
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

HEADER = """// Written by tests/native/write_strict_tables.py from tests/support/viewer/tables.py.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tracypy::native_tests::strict {{

enum class Follows : std::uint8_t {{ Nothing, Text16, Text8, Data32, Internal }};

struct Field {{
    std::string_view name;
    std::string_view code;  // of Python's struct module
    std::uint8_t offset;    // behind the byte of the event's number
}};

struct Event {{
    std::string_view name;
    Follows follows;
    std::uint8_t size;  // of the fixed part, with the byte of its number
    std::span<const Field> fields;
}};

struct Protocol {{
    std::uint32_t number;
    std::span<const Event> events;  // by their number on the wire
    bool has_delay, has_string_bias, has_zone_time_forms, has_tagged_addresses;
}};

{events}

inline constexpr Protocol kProtocols[] = {{
{protocols}
}};

}}  // namespace tracypy::native_tests::strict
"""


def load(path: Path) -> ModuleType:
    """Load the tables alone: the package around them needs what this interpreter may not have."""
    spec = importlib.util.spec_from_file_location("tables", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["tables"] = module
    spec.loader.exec_module(module)
    return module


def fields_of(name: str, layout: str, names: tuple[str, ...]) -> tuple[str, str]:
    """The C++ array of an event's fields, and how the event refers to it."""
    if not names:
        return "", "{}"
    offset, rows = 0, []
    for field, code in zip(names, codes_of(layout), strict=True):
        rows.append(f'{{"{field}", "{code}", {offset}}}')
        offset += struct.calcsize("<" + code)
    return f"inline constexpr Field {name}[] = {{{', '.join(rows)}}};\n", name


def codes_of(layout: str) -> list[str]:
    """Split `<qI6s` into its codes."""
    codes, digits = [], ""
    for letter in layout.lstrip("<"):
        digits += letter if letter.isdigit() else ""
        if not letter.isdigit():
            codes.append(digits + letter)
            digits = ""
    return codes


def main() -> None:
    """Write the header."""
    tables = load(Path(sys.argv[1]))
    follows = {
        tables.NOTHING: "Nothing", tables.TEXT_U16: "Text16", tables.TEXT_U8: "Text8", tables.DATA_U32: "Data32",
        tables.INTERNAL: "Internal",
    }  # fmt: skip
    events, protocols = "", []
    for number in tables.PROTOCOLS:
        rows = []
        for event in tables.dialect(number).by_number:
            fields, reference = fields_of(f"k{event.name}In{number}", event.layout.format, event.fields)
            events += fields
            rows.append(f'    {{"{event.name}", Follows::{follows[event.follows]}, {event.size}, {reference}}},\n')
        events += f"inline constexpr Event kEventsOf{number}[] = {{\n{''.join(rows)}}};\n"
        traits = (
            number <= tables.DELAY_UNTIL,
            number >= tables.STRING_BIAS_SINCE,
            number >= tables.ZONE_TIME_FORMS_SINCE,
            number >= tables.TAGGED_ADDRESS_SINCE,
        )
        protocols.append(f"    {{{number}, kEventsOf{number}, {', '.join(str(trait).lower() for trait in traits)}}},")
    Path(sys.argv[2]).write_text(HEADER.format(events=events, protocols="\n".join(protocols)))


if __name__ == "__main__":
    main()
