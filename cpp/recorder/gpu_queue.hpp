// What the trace says of one queue of a GPU, so that a viewer can follow: zones of a thread are nested, each number
// that waits for a time gets it, and what has happened before the session is nobody's.
//
// One thread at a time, and no session begins meanwhile: the caller holds the interpreter, or the queue's object. Only
// where a writer waits for room another thread may come in between.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/ids.hpp"
#include "events/vocabulary.hpp"
#include "recorder/thread_buffer.hpp"

namespace tracypy::recorder {

class Recorder;

/// One zone, from its begin until its times are told. Belongs to who has made it, and stays where it is while it is
/// open.
struct GpuZone {
    /// When the GPU has begun it, as far as neighbours of the same level have to know.
    struct Place {
        static constexpr base::Ticks kUnknown = std::numeric_limits<base::Ticks>::min();
        base::Ticks begin = kUnknown;
        base::Ticks latest = std::numeric_limits<base::Ticks>::max();  // the one behind it begins then
    };

    std::uint64_t session = 0;  // that has its begin; 0: none
    bool is_open = false;
    base::ThreadId thread = base::ThreadId::None;
    std::uint16_t begin_query = 0, end_query = 0;
    std::shared_ptr<Place> place, before, last_inside;
};

class GpuQueue {
public:
    /// `context`: announced, or about to be.
    GpuQueue(Recorder& recorder, std::uint8_t context) noexcept : recorder_(recorder), context_(context) {}

    std::uint8_t context() const noexcept { return context_; }

    // Each with the calling thread's buffer, and throws std::bad_alloc.

    /// `zone` is not open. Its session says whether it is recorded.
    void begin(ThreadBuffer& thread, base::SourceLocationId location, GpuZone& zone);
    /// Zones that have begun on its thread since end with it.
    void end(ThreadBuffer& thread, GpuZone& zone);
    /// When the GPU has worked on it, after its end. A zone does not begin before the one before it.
    void set_times(ThreadBuffer& thread, GpuZone& zone, base::Ticks begin, base::Ticks end);
    /// Nobody has it any more. The same without a buffer: there is no session.
    void forget(ThreadBuffer* thread, GpuZone& zone);

private:
    using Action = events::GpuAction;

    /// The zones of one thread.
    struct Row {
        std::vector<GpuZone*> open;
        std::shared_ptr<GpuZone::Place> last;  // of the outermost ones
    };

    void look_up() noexcept;
    bool take_query(std::uint16_t& query);
    void give_back(const GpuZone& zone);
    events::GpuStep step(Action action, base::ThreadId thread, const GpuZone& zone) const noexcept;
    bool write(ThreadBuffer& thread, const events::GpuStep& step, bool beyond_limit);

    Recorder& recorder_;
    std::uint8_t context_;
    std::uint64_t session_ = 0;
    std::unordered_map<base::ThreadId, Row> rows_;
    std::vector<std::uint16_t> free_;  // queries
    std::uint32_t next_query_ = 0;
};

}  // namespace tracypy::recorder
