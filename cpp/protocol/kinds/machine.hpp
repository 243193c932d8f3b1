// What system and processor tell of programs: samples, context switches, counters, crashes.
#pragma once

#include <cstdint>
#include <unordered_set>

#include "events/event_sink.hpp"
#include "protocol/encoder.hpp"
#include "protocol/query_answers.hpp"

namespace tracypy::protocol::kinds {

/// What goes to one viewer. Threads that it is to have a row of are known to it. One thread.
class MachineWriter {
public:
    /// Nothing of the session is older than `start`.
    MachineWriter(Encoder& encoder, QueryAnswers& answers, base::Ticks start) noexcept
        : encoder_(encoder), answers_(answers), start_(start) {}

    void write(const events::Sample& sample);
    void write(const events::ContextSwitch& change);
    void write(const events::ThreadWakeup& wakeup);
    void write(const events::HardwareSample& sample);
    void write(const events::CrashReport& report);
    void write(const events::EnergyReading& reading);
    void write(const events::ThreadProcess& process);
    void write(const events::ProcessorPlace& place);

private:
    Encoder& encoder_;
    QueryAnswers& answers_;
    base::Ticks start_;
    std::unordered_set<std::uint32_t> processors_;     // a viewer wants to hear of each once
    std::unordered_set<std::uint64_t> owned_threads_;  // likewise
};

}  // namespace tracypy::protocol::kinds
