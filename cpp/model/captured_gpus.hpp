// GPU zones of a captured program, whose GPUs have clocks of their own.
//
// A zone has two queries, one for its begin and one for its end; a time answers a query, and its number is free again.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "events/captured.hpp"
#include "model/trace_tables.hpp"

namespace tracypy::model {

/// One thread. Times of the processor stay ticks until finish(). False: an event fits nothing, and is left out.
class CapturedGpus {
public:
    bool take(const events::CapturedGpuContext& context);
    bool take(const events::CapturedGpuName& name);
    bool take(const events::CapturedGpuBegin& zone, TraceTables& tables);
    bool take(const events::CapturedGpuEnd& zone);
    bool take(const events::CapturedGpuTime& time);
    bool take(const events::CapturedGpuNoteName& name);
    bool take(const events::CapturedGpuNote& note);

    void finish(Trace& trace, TraceTables& tables);
    /// Times, once the scale is known; they make a trace longer.
    static void scale(Trace& trace, const TimeScale& to_ns);

private:
    struct Row {
        std::vector<GpuZone> zones;
        std::vector<std::size_t> open;
    };
    struct Place {
        std::uint32_t row;
        std::size_t zone;
    };
    struct Context {
        GpuContext made;
        base::StringId name = base::StringId::None;
        std::map<std::uint32_t, Row> rows;  // by the system's number of the thread; 0 for all of the context's
        std::unordered_map<std::uint16_t, Place> waiting;  // by query
        std::map<std::int64_t, base::StringId> note_names;
    };

    Context* find(std::uint8_t context) noexcept { return contexts_[context].get(); }

    std::array<std::unique_ptr<Context>, 256> contexts_;
    std::vector<std::uint8_t> order_;  // in which they came
};

}  // namespace tracypy::model
