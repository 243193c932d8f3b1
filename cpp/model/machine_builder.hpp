// What system and processor tell of programs, into the tables of a trace: samples, context switches, counters, load.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string_view>
#include <vector>

#include "events/captured.hpp"
#include "model/switch_builder.hpp"
#include "model/trace.hpp"

namespace tracypy::model {

/// One thread. Times stay ticks until finish(). False: it fits nothing, and is left out.
class MachineBuilder {
public:
    /// `stack`: its index, which nothing is known of yet.
    static void take(const events::Sample& sample, std::uint32_t stack, Thread& thread, MachineBuilder& all);
    bool take(const events::ContextSwitch& change) { return switches_.take(change); }
    bool take(const events::ThreadWakeup& wakeup) { return switches_.take(wakeup); }
    bool take(const events::ThreadProcess& process) { return switches_.take(process); }
    bool take(const events::HardwareSample& sample);
    bool take(const events::EnergyReading& reading);
    bool take(const events::CapturedLoad& load);

    using TextOf = std::function<TextId(base::StringId)>;
    /// Once the stacks are there, and names. `has_zones`: of a thread by its index. Makes `trace` longer if need be.
    void finish(Trace& trace, const TimeScale& to_ns, const TextOf& text_of,
                const std::function<bool(std::size_t)>& has_zones);

private:
    struct Power {
        base::Ticks last = 0;
        std::vector<PlotPoint> points;         // microjoules, at ticks
        std::vector<base::Ticks> starts = {};  // since when
    };
    /// Two halves of one stack.
    struct Joined {
        std::uint32_t inner, outer;
    };
    static constexpr std::uint32_t kJoined = 0x8000'0000;

    std::vector<std::uint32_t> join(Callstacks& stacks) const;
    void add_samples(Trace& trace, const TimeScale& to_ns);
    void add_plots(Trace& trace, const TimeScale& to_ns, const TextOf& text_of);
    void add_switches(Trace& trace, const TimeScale& to_ns, const std::function<bool(std::size_t)>& has_zones);

    SwitchBuilder switches_;
    std::vector<Joined> joined_;
    std::map<std::uint64_t, HardwareSamples> hardware_samples_;
    std::vector<PlotPoint> loads_;
    std::map<base::StringId, Power> powers_;
};

}  // namespace tracypy::model
