#include "protocol/query_answers.hpp"

#include <string_view>

namespace tracypy::protocol {
namespace {

constexpr std::string_view kUnknown = "[unknown]";

}  // namespace

void QueryAnswers::show(base::StringId id) {
    const auto index = static_cast<std::size_t>(id);
    if (id == base::StringId::None) return;
    if (index >= shown_strings_.size()) shown_strings_.resize(index + index / 2 + 64);
    shown_strings_[index] = true;
}

void QueryAnswers::answer(const Query& query, bool thread_is_known) {
    switch (query.kind) {
        case QueryKind::String:
            return answer_string(WireEvent::StringData, query.pointer);
        case QueryKind::PlotName:
            return answer_string(WireEvent::PlotName, query.pointer);
        case QueryKind::FrameName:
            return answer_string(WireEvent::FrameName, query.pointer);
        case QueryKind::FiberName:
            return answer_string(WireEvent::FiberName, query.pointer);
        case QueryKind::ThreadString:
            return encoder_.string_transfer(
                WireEvent::ThreadName, query.pointer,
                thread_is_known ? names_.threads.find(static_cast<base::ThreadId>(query.pointer)) : std::string());
        case QueryKind::SourceLocation:
            return answer_source_location(query.pointer);
        case QueryKind::ExternalName:
            return answer_external_name(query.pointer);
        case QueryKind::CallstackFrame:
            return answer_callstack_frame(query.pointer);
        case QueryKind::Symbol:
            encoder_.single_string(kUnknown);
            return encoder_.symbol_information(0, query.pointer);
        case QueryKind::SymbolCode:
            return encoder_.bare(WireEvent::AckSymbolCodeNotAvailable);
        case QueryKind::SourceCode:
            return encoder_.number_event(WireEvent::AckSourceCodeNotAvailable,
                                         static_cast<std::uint32_t>(query.pointer));
        case QueryKind::Parameter:
        case QueryKind::DataTransfer:
        case QueryKind::DataTransferPart:
            return encoder_.bare(WireEvent::AckServerQueryNoop);
        case QueryKind::Terminate:
        case QueryKind::Disconnect:
            return;
    }
}

void QueryAnswers::answer_string(WireEvent event, std::uint64_t pointer) {
    std::string_view text;
    if (pointer < shown_strings_.size() && shown_strings_[pointer]) {
        text = names_.strings.find(static_cast<base::StringId>(pointer)).text;
    }
    encoder_.string_transfer(event, pointer, text);
}

void QueryAnswers::answer_source_location(std::uint64_t pointer) {
    base::SourceLocation location;  // all zero for a number that was never shown
    if (const auto id = locations_.find(pointer)) {
        location = names_.locations.find(*id).value_or(location);
    }
    show(location.name);
    show(location.function);
    show(location.file);
    encoder_.source_location(static_cast<std::uint64_t>(location.name), static_cast<std::uint64_t>(location.function),
                             static_cast<std::uint64_t>(location.file), location.line, location.color);
}

// A viewer takes the frame apart into as many lines as the first event says: one line of unknowns, no symbol.
void QueryAnswers::answer_callstack_frame(std::uint64_t pointer) {
    encoder_.single_string(kUnknown);
    encoder_.callstack_frame_size(pointer, 1);
    encoder_.single_string(kUnknown);
    encoder_.second_string(kUnknown);
    encoder_.callstack_frame(0, 0, 0);
}

// Counts as two: the name of the thread, then that of its process.
void QueryAnswers::answer_external_name(std::uint64_t pointer) {
    encoder_.string_transfer(WireEvent::ExternalThreadName, pointer, kUnknown);
    encoder_.string_transfer(WireEvent::ExternalName, pointer, kUnknown);
}

}  // namespace tracypy::protocol
