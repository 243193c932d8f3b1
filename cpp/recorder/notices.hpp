// What the recorder itself has to say, in the trace and on stderr: a gap must not be taken for idleness.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "base/callstacks.hpp"
#include "events/event_sink.hpp"
#include "recorder/auto_throttle.hpp"
#include "recorder/chunk.hpp"
#include "recorder/definitions.hpp"
#include "recorder/drop_policy.hpp"

namespace tracypy::recorder {

/// The drain's, but for start_session, during which it does not run.
class Notices {
public:
    Notices(const ChunkPool& pool, const DropPolicy& policy) noexcept : pool_(pool), policy_(policy) {}

    /// What was lost before is no matter of this session's.
    void start_session() noexcept;
    /// What was lost since the last time. `threads`: how many there are just now.
    void tell_lost(events::EventSink& sink, std::size_t threads);
    /// Once in each session.
    void tell_shared_rows(events::EventSink& sink);
    /// That there was no room for a call stack. Once in each session.
    void tell_callstacks(events::EventSink& sink, const base::CallstackTable& callstacks);
    void tell_shared_fiber_rows(events::EventSink& sink);
    /// Each kind once in each session.
    void tell_left_out(events::EventSink& sink, const Definitions& definitions);
    /// What is left out by `throttle`, and what is from now on. True if that is more than before.
    bool tell_throttled(events::EventSink& sink, AutoThrottle& throttle);

private:
    void tell(events::EventSink& sink, bool& logged, const std::string& text);
    std::uint64_t untold(Lost what) noexcept;
    bool& logged(Lost what) noexcept { return logged_lost_[static_cast<std::size_t>(what)]; }
    std::string why_full(std::size_t threads) const;

    const ChunkPool& pool_;
    const DropPolicy& policy_;
    std::array<std::uint64_t, kLostKinds> told_{};
    bool told_left_out_ = false;
    bool told_shared_rows_ = false;
    bool told_callstacks_ = false;
    bool told_fiber_rows_ = false;
    std::set<std::string_view> told_definitions_;
    // On stderr once for the life of the process.
    std::array<bool, kLostKinds> logged_lost_{};
    bool logged_shared_rows_ = false;
    bool logged_callstacks_ = false;
    bool logged_fiber_rows_ = false;
    std::set<std::string_view> logged_definitions_;
};

}  // namespace tracypy::recorder
