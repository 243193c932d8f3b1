// What a driver asks of the profiled program. The server knows neither Python nor the recorder, only this.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "events/event_sink.hpp"
#include "io/poller.hpp"
#include "protocol/answer_provider.hpp"

namespace tracypy::drivers {

/// How many words a driver asks for at a time.
inline constexpr std::size_t kDrainWords = 1 << 16;
/// How often it asks for what is left: 5 GB, more than any recorder keeps, should one never come to an end.
inline constexpr int kMostDrains = 10'000;

/// All calls come from the driver's own thread, which holds no lock of the interpreter.
class Program {
public:
    virtual ~Program() = default;

    /// Somebody is listening from now on: start recording. May wait for the interpreter. False when the program is
    /// on its way out and nothing can be recorded any more, or another driver has it; a viewer is then turned away.
    virtual bool attach() = 0;

    /// No sink is left: stop recording. What was recorded before stays for `drain`.
    virtual void detach() = 0;

    /// Hands what was recorded since the last call to `sink`, at most about `max_words` words, and returns how many
    /// words that was; 0 when there was nothing.
    virtual std::size_t drain(events::EventSink& sink, std::size_t max_words) = 0;

    /// After detach: what was not drained is of no interest, and another driver may attach.
    virtual void release() {}

    /// For a driver that is attached to nothing: what to wait for, and what to do then, as other processes may want to
    /// join the program.
    virtual void add_handles(io::Poller& poller) { (void)poller; }
    virtual void attend() {}

    /// Default frame marks made in this process before `attach`: the viewer numbers its frames from there.
    virtual std::uint64_t frames_so_far() const = 0;

    /// Between two samples of call stacks, in nanoseconds, after `attach`; 0: there are none.
    virtual std::int64_t sampling_period() { return 0; }

    /// What the program calls itself; empty for what it is called by those who started it.
    virtual std::string name() const { return {}; }

    /// What this process is called from now on, among those that descend from one program; mostly empty: as before.
    virtual std::string take_process_name() { return {}; }

    /// Finds out what a viewer wants to know and takes its time; nullptr when the program knows nothing of that kind.
    virtual protocol::AnswerProvider* answer_provider() noexcept { return nullptr; }

    /// Zones of this process that were left out so far because memory was full.
    virtual std::uint64_t dropped_zones() const = 0;
};

}  // namespace tracypy::drivers
