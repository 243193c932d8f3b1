// Who takes the zones of a trace one by one, in place of tables that hold them all.
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/source_locations.hpp"

namespace tracypy::model {

struct Trace;

/// begin() and end() come in the order in which a thread's zones began and ended, for one thread after the other.
class ZoneSink {
public:
    virtual ~ZoneSink() = default;

    /// Before all zones: what comes before them is in the trace already, such as its locations.
    virtual void start(const Trace& trace) = 0;
    virtual void start_thread(std::size_t index) = 0;
    virtual void begin(LocationIndex location, std::int64_t start_ns, std::uint32_t extra, std::uint32_t children) = 0;
    /// The innermost zone ends; kOpen: it never did.
    virtual void end(std::int64_t end_ns) = 0;
};

}  // namespace tracypy::model
