// Events of another Tracy client in the words of the root: its texts, places and call stacks become those of the root's
// tables, its times the root's. What is unique there, rows and numbers, FamilyRows makes unique here.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/names.hpp"
#include "drivers/family_rows.hpp"
#include "drivers/lock_repair.hpp"
#include "drivers/tick_map.hpp"
#include "events/event_sink.hpp"
#include "events/thread_walk.hpp"

namespace tracypy::drivers {

/// One thread. For one conversation.
class GatheredEvents final : public events::UniformSink<GatheredEvents> {
public:
    /// `names`: of the client. Times in its events count from `first_tick`. `rows` hands on. All must outlive it.
    GatheredEvents(const base::Names& names, base::Names& root, base::Ticks first_tick, FamilyRows& rows)
        : names_(names), root_(root), first_tick_(first_tick), rows_(rows) {}

    /// Before the first event, if its clock is not ours.
    void set_clock(const TickMap& clock) noexcept { clock_ = clock; }

    void thread_batch(const events::ThreadBatch& batch) override;
    template <typename Event>
    void take_any(std::span<const Event> events) {
        for (const Event& event : events) {
            if constexpr (std::is_same_v<Event, events::ThreadFacts>) {
                note_row(event);
            } else if constexpr (std::is_same_v<Event, events::LockEvent>) {
                locks_.take(event, [this](const events::LockEvent& each) { hand_on(each); });
            } else {
                hand_on(event);
            }
        }
    }

    /// Rows whose names have come since the last time get them.
    void name_rows();

private:
    class Visitor;
    struct Row {
        base::ThreadId number;  // the system's; of a fiber one that no thread has
        events::SteadyWalk walk;
    };

    Row& row(base::ThreadId thread);
    void note_row(const events::ThreadFacts& facts);
    base::StringId text(base::StringId id);
    base::SourceLocationId location(base::SourceLocationId id);
    base::CallstackId callstack(base::CallstackId id);
    base::Ticks tick(base::Ticks since_first) const noexcept { return clock_(first_tick_ + since_first); }
    template <typename Event>
    void hand_on(Event event) {
        translate(event);
        static_cast<events::EventSink&>(rows_).take({&event, 1});
    }
    template <typename Event>
    void translate(Event& event);
    template <typename Event>
    void translate_more(Event&) noexcept {}
    void translate_more(events::GpuStep& step) noexcept;

    const base::Names& names_;
    base::Names& root_;
    base::Ticks first_tick_;
    TickMap clock_;
    FamilyRows& rows_;
    std::unordered_map<base::ThreadId, Row> known_rows_;
    std::unordered_map<base::StringId, base::StringId> texts_;
    std::unordered_map<base::CallstackId, base::CallstackId> callstacks_;
    std::vector<base::SourceLocationId> locations_;  // by the client's; Other: not asked for yet
    std::vector<events::Word> words_;
    std::uint64_t names_version_ = 0;
    LockRepair locks_;
};

}  // namespace tracypy::drivers
