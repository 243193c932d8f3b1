// What an event on the wire is made of: fields with a name, a type and a role.
//
// The role says what a reader has to do with a field even if it does not care for the event: move a time reference,
// ask for a thread's name or a text. So an event that tracypy has no place for is read over by its row alone.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tracypy::protocol {

/// Packed, little endian.
enum class FieldType : std::uint8_t { U8, I8, U16, U24, U32, I32, U48, U64, I64, F32, F64 };

constexpr std::size_t size_of(FieldType type) noexcept {
    constexpr std::uint8_t kSizes[] = {1, 1, 2, 3, 4, 4, 6, 8, 8, 4, 8};
    return kSizes[static_cast<std::size_t>(type)];
}

constexpr std::string_view name_of(FieldType type) noexcept {
    constexpr std::string_view kNames[] = {"u8", "i8", "u16", "u24", "u32", "i32", "u48", "u64", "i64", "f32", "f64"};
    return kNames[static_cast<std::size_t>(type)];
}

enum class Role : std::uint8_t {
    Number,        // means something within its event only
    ThreadTime,    // the difference to the last time on the selected thread
    ZoneTime,      // likewise; since protocol 78 in the smallest of three forms
    SerialTime,    // to the last time in the queue that all threads share
    SwitchTime,    // to the last context switch, wake-up or sample
    SampleTime,    // likewise; since protocol 78 in the smallest of three forms
    GpuTime,       // to the last time of a GPU, on its own clock
    AbsoluteTime,  // a whole tick
    OtherTime,     // a time that the viewer does not count as one of the program: of a GPU, or long ago
    Thread,        // a thread: the viewer asks for its name
    ThreadId,      // a thread that the viewer does not ask for
    Location,      // a source location: the viewer asks for it
    Text,          // a text: the viewer asks for it
    TaggedText,    // likewise; since protocol 79 (number << 8 | source and severity)
    PlotName,      // the name of a plot: asked for by a query of its own
    FrameName,     // the name of a set of frames: likewise
    Fiber,         // a fiber: likewise
    Echo,          // what the viewer asked by: its own number, given back
    Address,       // in the program's memory; nothing is asked
    Size,
    Value,
    Color,     // 0xRRGGBB
    Metadata,  // source and severity of a message
};

constexpr std::string_view name_of(Role role) noexcept {
    constexpr std::string_view kNames[] = {
        "",           "thread time", "zone time", "serial time", "switch time", "sample time", "GPU time", "tick",
        "other time", "thread",      "thread id", "location",    "text",        "tagged text", "plot",     "frames",
        "fiber",      "echo",        "address",   "size",        "value",       "colour",      "metadata"};
    return kNames[static_cast<std::size_t>(role)];
}

struct Field {
    std::string_view name;
    FieldType type = FieldType::U8;
    Role role = Role::Number;
    /// The protocols that have it here: from `since` on, below `before`. A field that moved is told twice.
    std::uint8_t since = 0;
    std::uint8_t before = 0xFF;

    constexpr bool is_in(std::uint32_t protocol) const noexcept { return since <= protocol && protocol < before; }
};

inline constexpr std::size_t kMaxFields = 10;

/// Those of an event, in the order of their places; the unused ones at the end have no name.
using Fields = std::array<Field, kMaxFields>;

/// Which running time a field is a difference to. Absolute times touch none.
enum class TimeReference : std::uint8_t { Thread, Serial, Switch, Gpu, None };

constexpr TimeReference reference_of(Role role) noexcept {
    switch (role) {
        case Role::ThreadTime:
        case Role::ZoneTime:
            return TimeReference::Thread;
        case Role::SerialTime:
            return TimeReference::Serial;
        case Role::SwitchTime:
        case Role::SampleTime:
            return TimeReference::Switch;
        case Role::GpuTime:
            return TimeReference::Gpu;
        default:
            return TimeReference::None;
    }
}

/// Sent in the smallest of three forms, the larger two biased (time_references.hpp).
constexpr bool has_short_forms(Role role) noexcept {
    return role == Role::ZoneTime || role == Role::SampleTime;
}

}  // namespace tracypy::protocol
