#include "recorder/definitions.hpp"

#include <algorithm>
#include <iterator>

namespace tracypy::recorder {
namespace {

/// What users call them.
template <events::Definition Event>
inline constexpr std::string_view kPlural = Event::has_no_plural;
template <>
inline constexpr std::string_view kPlural<events::PlotStyle> = "styles of plots";
template <>
inline constexpr std::string_view kPlural<events::ThreadFacts> = "facts about threads";
template <>
inline constexpr std::string_view kPlural<events::AppInfo> = "lines of application information";
template <>
inline constexpr std::string_view kPlural<events::ProgramText> = "names of the program";
template <>
inline constexpr std::string_view kPlural<events::LockAnnounce> = "locks";
template <>
inline constexpr std::string_view kPlural<events::SectionCategory> = "categories of sections";
template <>
inline constexpr std::string_view kPlural<events::Parameter> = "parameters";
template <>
inline constexpr std::string_view kPlural<events::GpuContext> = "GPU contexts";
template <>
inline constexpr std::string_view kPlural<events::LockName> = "names of locks";
template <>
inline constexpr std::string_view kPlural<events::ThreadProcess> = "threads of processes";
template <>
inline constexpr std::string_view kPlural<events::ProcessorPlace> = "processors";
template <>
inline constexpr std::string_view kPlural<events::ForeignThread> = "threads of other programs";
template <>
inline constexpr std::string_view kPlural<events::Symbol> = "functions of machine code";
template <>
inline constexpr std::string_view kPlural<events::SymbolCode> = "pieces of machine code";
template <>
inline constexpr std::string_view kPlural<events::SourceText> = "pieces of source text";
template <>
inline constexpr std::string_view kPlural<events::SamplingPeriod> = "periods of samples";

}  // namespace

// The sink gets copies: it may wait for a disk, and those who define must not.
void Definitions::tell_changes(events::EventSink& sink) {
    std::uint64_t version = 0;
    {
        const std::lock_guard lock(mutex_);
        version = table_.version();
        changes_.clear();
        std::ranges::copy_if(table_.rows(), std::back_inserter(changes_),
                             [this](const events::DefinitionTable::Row& row) { return row.version > told_; });
    }
    for (const events::DefinitionTable::Row& row : changes_) {
        std::visit([&sink]<typename Event>(const Event& event) { sink.take(std::span<const Event>(&event, 1)); },
                   row.definition);
    }
    told_ = version;
}

std::vector<std::string_view> Definitions::left_out() const {
    std::vector<std::string_view> kinds;
    const auto look = [&](events::Kind kind, std::string_view plural) {
        if (left_out_[static_cast<std::size_t>(kind)].load(std::memory_order_relaxed) != 0) kinds.push_back(plural);
    };
#define TRACYPY_LOOK(number, name, fields) look(events::Kind::name, kPlural<events::name>);
    TRACYPY_DEFINITIONS(TRACYPY_LOOK, )
#undef TRACYPY_LOOK
    return kinds;
}

}  // namespace tracypy::recorder
