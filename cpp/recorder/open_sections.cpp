#include "recorder/open_sections.hpp"

#include "base/thread_names.hpp"
#include "recorder/recorder.hpp"

namespace tracypy::recorder {

using events::SectionEdge;

std::uint16_t OpenSections::category(base::StringId name) {
    const std::lock_guard lock(mutex_);
    if (const auto known = categories_.find(name); known != categories_.end()) return known->second;
    const auto number = static_cast<std::uint16_t>(categories_.size() + 1);
    if (!recorder_.define(events::SectionCategory{number, name})) return 0;
    categories_.emplace(name, number);
    return number;
}

// It is there before it is written: a session that begins while the writer waits for room tells it itself.
std::uint32_t OpenSections::begin(ThreadBuffer* thread, std::uint16_t category, base::StringId text) {
    std::uint32_t number = 0;
    {
        const std::lock_guard lock(mutex_);
        do number = ++last_;
        while (number == 0 || open_.contains(number));
        open_.emplace(number, Open{category, text, 0});
    }
    if (thread == nullptr) return number;
    const std::uint64_t session = recorder_.session();
    SectionEdge edge{.section = number, .category = category, .text = text};
    if (!thread->write_shared(edge) || recorder_.session() != session) return number;
    const std::lock_guard lock(mutex_);
    if (const auto found = open_.find(number); found != open_.end()) found->second.told = session;
    return number;
}

// It has room always: what it ends is recorded.
void OpenSections::end(ThreadBuffer* thread, std::uint32_t section) noexcept {
    Open ended{};
    {
        const std::lock_guard lock(mutex_);
        const auto found = open_.find(section);
        if (found == open_.end()) return;
        ended = found->second;
        open_.erase(found);
    }
    if (recorder_.epoch() == 0 || ended.told != recorder_.session()) return;
    SectionEdge edge{.section = section, .category = ended.category, .text = ended.text};
    edge.is_end = true;
    if (thread == nullptr) {
        (void)recorder_.try_write_shared(edge);
        return;
    }
    (void)thread->write_shared(edge, true);
}

// Whoever began them may be gone.
void OpenSections::start_session(OrderedLane& lane, std::uint64_t session) noexcept {
    const std::lock_guard lock(mutex_);
    for (auto& [number, section] : open_) {
        const SharedFields fields(SectionEdge{.section = number, .category = section.category, .text = section.text});
        section.told = lane.try_write_shared(SectionEdge::kKind, fields) ? session : 0;
    }
}

}  // namespace tracypy::recorder
