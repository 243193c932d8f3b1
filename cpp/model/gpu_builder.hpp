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
    /// Their indices.
    struct Place {
        std::uint32_t thread;
        LocationIndex location;
        std::uint32_t callstack;
    };
    /// False: it fits nothing, and is left out.
    bool take(const events::GpuStep& step, base::Ticks tick, const Place& place);
    bool take(const events::GpuNote& note);
    bool take(const events::GpuNoteName& name);

    /// What a context and its notes are called.
    struct ContextNames {
        base::StringId name;
        std::map<std::int64_t, base::StringId> notes;
    };
    /// The contexts that have zones, with their names by index. `last_ns`: becomes later if need be.
    std::vector<GpuContext> finish(const TimeScale& to_ns, std::vector<ContextNames>& names, std::int64_t& last_ns);

private:
    struct Row {
        GpuRow zones;
        std::vector<std::size_t> open;
    };
    struct ZonePlace {
        std::uint32_t thread;
        std::size_t zone;
    };
    struct Context {
        events::GpuContext about;
        std::map<std::uint32_t, Row> rows;                        // by thread; kNoThread for all of the owner's
        std::unordered_map<std::uint16_t, ZonePlace> of_queries;  // by the first of a zone's numbers, until its times
        std::map<std::int64_t, base::StringId> note_names;
        std::vector<GpuNote> notes;
    };

    bool begin(Context& context, const events::GpuStep& step, base::Ticks tick, const Place& place);
    static bool end(Context& context, base::Ticks tick, std::uint32_t thread);
    static bool set_times(Context& context, const events::GpuStep& step);
    static void scale(Row& row, const TimeScale& to_ns, std::int64_t& last_ns);

    std::map<std::uint8_t, Context> contexts_;
};

}  // namespace tracypy::model
