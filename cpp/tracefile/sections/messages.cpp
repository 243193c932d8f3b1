// Lines of text by time. Threads refer to them by their numbers (threads.cpp).
#include <algorithm>

#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

/// Source and severity. Every message is an ordinary one of the program in older layouts.
constexpr Version kSeverity{0, 13, 2};

constexpr std::uint32_t kNoColor = 0xFFFF'FFFF;

Version oldest_for_messages(const model::Trace& trace) {
    const auto is_ordinary = [](const model::Message& message) {
        return message.source == model::Message{}.source && message.severity == model::Message{}.severity;
    };
    return std::all_of(trace.messages.begin(), trace.messages.end(), is_ordinary) ? kOldestWritten : kSeverity;
}

void write_messages(Output& file) {
    file.count(file.trace.messages.size());
    std::int64_t reference = 0;
    std::uint64_t number = 0;
    for (const model::Message& message : file.trace.messages) {
        file.put(++number);
        file.time(reference, message.time_ns);
        file.reference(message.text);
        file.put(message.color == 0 ? kNoColor : 0xFF00'0000 | swap_red_blue(message.color));
        file.put_24_bits(message.callstack);
        if (!file.since(kSeverity)) continue;
        file.put(message.source);
        file.put(message.severity);
    }
}

void read_messages(Input& file) {
    std::vector<model::Message>& messages = file.trace().messages;
    const std::uint64_t count = file.count();
    std::uint64_t reference = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        file.messages.add(file.get<std::uint64_t>(), static_cast<std::uint32_t>(i));
        model::Message message{.time_ns = file.time(reference)};
        message.thread = model::kNoThread;
        message.text = file.reference();
        const auto color = file.get<std::uint32_t>();
        message.color = color == kNoColor ? 0 : swap_red_blue(color);
        message.callstack = file.get_24_bits();
        if (file.since(kSeverity)) {
            message.source = file.get<std::uint8_t>();
            message.severity = file.get<std::uint8_t>();
        }
        messages.push_back(message);
    }
    file.messages.finish();
}

}  // namespace

const Section kMessages{.oldest = oldest_for_messages, .write = write_messages, .read = read_messages};

}  // namespace tracypy::tracefile::sections
