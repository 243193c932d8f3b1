// Context switches of a captured program in, runs of threads and of processors out. As real viewers do it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

#include "events/vocabulary.hpp"
#include "model/switches.hpp"
#include "model/time_scale.hpp"

namespace tracypy::model {

/// One thread. Times stay ticks until finish().
class SwitchBuilder {
public:
    /// False: it fits nothing.
    bool take(const events::ContextSwitch& change);
    bool take(const events::ThreadWakeup& wakeup);
    bool take(const events::ThreadProcess& process) {
        return processes_.try_emplace(process.thread_number, process.process).second;
    }

    /// Into `switches`, whose threads' names are there already; of threads, those for which `is_wanted(id)`. Returns
    /// the last time.
    template <typename IsWanted>
    std::int64_t finish(Switches& switches, const TimeScale& to_ns, const IsWanted& is_wanted) {
        std::vector<ThreadSwitches> wanted;
        for (auto& [thread, told] : threads_) {
            if (is_wanted(std::uint64_t{thread})) wanted.push_back({thread, std::move(told.switches)});
        }
        switches.threads = std::move(wanted);
        return finish_rest(switches, to_ns);
    }

private:
    struct ThreadState {
        std::vector<ContextSwitch> switches;
        base::Ticks woken = 0;  // told while it still ran
        std::uint8_t woken_processor = 0;
    };

    bool end(const events::ContextSwitch& change);
    void begin(const events::ContextSwitch& change);
    std::int64_t finish_rest(Switches& switches, const TimeScale& to_ns);

    std::map<std::uint32_t, ThreadState> threads_;
    std::array<std::vector<ProcessorRun>, Switches::kProcessors> processors_;
    std::map<std::uint64_t, std::uint64_t> processes_;
    std::map<std::uint32_t, ThreadTime> times_;
};

}  // namespace tracypy::model
