// A sink that puts into tables all that belongs to no thread. Whoever derives from it follows the zones.
#pragma once

#include "events/event_sink.hpp"
#include "model/trace_tables.hpp"

namespace tracypy::model {

class TablesSink : public events::UniformSink<TablesSink> {
public:
    template <typename Event>
    void take_any(std::span<const Event> events) {
        for (const Event& event : events) tables_.take(event);
    }
    std::uint64_t dropped_events() const noexcept { return tables_.dropped_events(); }

protected:
    TablesSink(const base::Names& names, base::Ticks start) : tables_(names, start) {}

    TraceTables tables_;
};

}  // namespace tracypy::model
