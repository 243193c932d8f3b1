// Events of another Tracy client in the words of the root: its texts, places and call stacks become those of the root's
// tables, its times the root's. What is unique there, rows and numbers, FamilyRows makes unique here.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/names.hpp"
#include "drivers/family_rows.hpp"
#include "drivers/lock_repair.hpp"
#include "drivers/native_region.hpp"
#include "drivers/tick_map.hpp"
#include "events/event_sink.hpp"
#include "events/thread_walk.hpp"
#include "protocol/handshake.hpp"

namespace tracypy::drivers {

/// One thread. For one conversation.
class GatheredEvents final : public events::UniformSink<GatheredEvents> {
public:
    /// `names`: of the client. Times in its events count from its `first_tick`. `begun`: the session here. `rows` hands
    /// on. All must outlive it.
    GatheredEvents(base::Names& names, base::Names& root, const protocol::Welcome& said, base::Ticks begun,
                   FamilyRows& rows)
        : names_(names),
          root_(root),
          first_tick_(said.first_tick),
          ns_per_tick_(said.nanoseconds_per_tick),
          start_frames_(said.is_on_demand ? 3 : 2),
          rows_(rows),
          next_frame_(begun),
          natives_(names, root, rows) {}

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
            } else if constexpr (std::is_same_v<Event, events::FrameImage>) {
                take_image(event);
            } else if constexpr (std::is_same_v<Event, events::FrameMark>) {
                take_mark(event);
            } else if constexpr (std::is_same_v<Event, events::Sample>) {
                take_sample(event);
            } else {
                hand_on(event);
            }
        }
    }
    /// What the client has told of its machine code since the last time.
    void hand_on_natives() { natives_.hand_on(); }
    /// Call stacks and code that there is no room for.
    NativeRegion& natives() noexcept { return natives_; }
    /// Of frames that are no marks, so far.
    std::uint64_t lost_images() const noexcept { return lost_images_ + waiting_images_.size(); }

    /// Rows whose names have come since the last time get them.
    void name_rows();

    /// What is remembered of the client, roughly.
    std::size_t bytes() const noexcept;
    /// Texts and locations that there is no room for.
    std::uint64_t left_out_names() const noexcept { return left_out_names_; }

private:
    class Visitor;
    struct Row {
        base::ThreadId number;  // the system's; of a fiber one that no thread has
        events::SteadyWalk walk;
    };

    struct WaitingImage {
        events::FrameImage image;
        std::string picture;
    };

    Row& row(base::ThreadId thread);
    void note_row(const events::ThreadFacts& facts);
    base::StringId text(base::StringId id);
    base::SourceLocationId location(base::SourceLocationId id);
    void take_mark(events::FrameMark mark);
    void take_sample(events::Sample sample);
    void take_image(const events::FrameImage& image);
    void hand_on_image(events::FrameImage image);
    void take_waiting_images();
    base::Ticks gpu_tick(std::uint64_t ns) const noexcept;
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

    /// What must not be at one moment is so far apart: more than a nanosecond.
    static constexpr base::Ticks kApart = 16;
    /// Pictures of older frames are left out: far more than can be on their way.
    static constexpr std::size_t kMostFrames = 65'536;
    /// Pictures that come before their frames, each of 256 KiB at most, as all that is on the wire.
    static constexpr std::size_t kMostWaiting = 64;

    base::Names& names_;
    base::Names& root_;
    base::Ticks first_tick_;
    double ns_per_tick_;
    std::uint32_t start_frames_;
    TickMap clock_;
    FamilyRows& rows_;
    base::Ticks next_frame_;  // no mark of the default set before this
    NativeRegion natives_;
    std::deque<base::Ticks> frames_;  // marks of the default set, as they were handed on
    std::uint64_t forgotten_frames_ = 0, lost_images_ = 0;
    base::Ticks timeless_samples_ = 0;
    std::vector<WaitingImage> waiting_images_;
    std::unordered_map<base::ThreadId, Row> known_rows_;
    std::unordered_map<base::StringId, base::StringId> texts_;
    static constexpr auto kNotAsked = static_cast<base::SourceLocationId>(UINT32_MAX);
    std::vector<base::SourceLocationId> locations_;  // by the client's
    std::uint64_t left_out_names_ = 0;
    std::vector<events::Word> words_;
    std::uint64_t names_version_ = 0;
    LockRepair locks_;
};

}  // namespace tracypy::drivers
