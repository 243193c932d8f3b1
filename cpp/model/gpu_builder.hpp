// Steps of GPU zones in, zones out.
#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

#include "events/vocabulary.hpp"
#include "model/gpu.hpp"
#include "model/time_scale.hpp"

namespace tracypy::model {

/// One thread. Times stay ticks until finish().
class GpuBuilder {
public:
    void take(const events::GpuContext& context);
    /// `thread`, `location`: their indices. False: it fits nothing, and is left out.
    bool take(const events::GpuStep& step, base::Ticks tick, std::uint32_t thread, LocationIndex location);

    /// The contexts that have zones, with their names by index. `last_ns`: becomes later if need be.
    std::vector<GpuContext> finish(const TimeScale& to_ns, std::vector<base::StringId>& names, std::int64_t& last_ns);

private:
    struct Row {
        GpuRow zones;
        std::vector<std::size_t> open;
    };
    struct Place {
        std::uint32_t thread;
        std::size_t zone;
    };
    struct Context {
        events::GpuContext about;
        std::map<std::uint32_t, Row> rows;                    // by thread
        std::unordered_map<std::uint16_t, Place> of_queries;  // by the first of a zone's numbers, until its times
    };

    bool begin(Context& context, const events::GpuStep& step, base::Ticks tick, std::uint32_t thread,
               LocationIndex location);
    static bool end(Context& context, base::Ticks tick, std::uint32_t thread);
    static bool set_times(Context& context, const events::GpuStep& step);
    static void scale(Row& row, const TimeScale& to_ns, std::int64_t& last_ns);

    std::map<std::uint8_t, Context> contexts_;
};

}  // namespace tracypy::model
