// A recording as a timeline is drawn: lanes of rows, each row zones by time, packed.
//
// It is filled from a stream of zones, so that a trace need not hold them. Lanes are numbered: first the threads and
// fibers of the trace, each with a row for each depth; then its sets of frames, one row each; then its locks, with a
// row for each thread, in which a wait has location kWaits and a hold kHolds; then the rows of its GPU contexts, with a
// row for each depth; its sections, in as many rows as lie in one another; and, again for each thread, its samples.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "analysis/timeline/function_sums.hpp"
#include "analysis/timeline/row.hpp"
#include "model/trace.hpp"
#include "model/zone_sink.hpp"

namespace tracypy::analysis {

using Lane = std::vector<Row>;

class Timeline final : public model::ZoneSink {
public:
    static constexpr model::LocationIndex kWaits = 0, kHolds = 1;
    static constexpr std::size_t kMostSectionRows = 100;  // what would need more is not drawn

    Timeline() = default;
    /// Of a trace that holds its zones.
    explicit Timeline(const model::Trace& trace);

    void start(const model::Trace& trace) override;
    void start_thread(std::size_t index) override;
    void begin(model::LocationIndex location, std::int64_t start_ns, std::uint32_t extra,
               std::uint32_t children) override;
    void end(std::int64_t end_ns) override;
    /// After the last zone, with the trace as it is then.
    void finish(const model::Trace& trace);

    const std::vector<Lane>& lanes() const noexcept { return lanes_; }
    const Lane& lane(std::size_t index) const;  // throws base::ValueError
    std::size_t threads() const noexcept { return threads_; }
    /// Whether the zones of a row lie in those of the row before: those of threads and of GPUs do.
    bool is_nested(std::size_t lane) const noexcept {
        return lane < threads_ || (lane >= stored_ && lane < stored_ + gpus_);
    }
    /// By location; those of all threads.
    const std::vector<FunctionSum>& functions() const noexcept { return functions_->sums(); }
    /// Of zones whose times were out of order.
    std::uint64_t mended() const noexcept { return mended_; }
    std::size_t memory_bytes() const noexcept;

private:
    friend class TimelineStore;
    struct Open {
        RowZone zone;
        std::uint32_t extra;
    };

    void add_frames(const model::Trace& trace, std::size_t set);
    void add_lock(const model::Lock& lock);
    void add_gpu_row(const model::GpuRow& zones);
    void add_sections(const std::vector<model::ProgramSection>& sections);
    void add_samples(const std::vector<model::Sample>& samples, std::int64_t period_ns);
    /// Those lanes that are made of the trace each time, and not stored.
    void add_told(const model::Trace& trace);

    PackedMemory memory_;
    std::vector<Lane> lanes_;
    std::vector<Open> open_;
    std::unique_ptr<FunctionSums> functions_;
    std::size_t threads_ = 0;
    std::size_t gpus_ = 0;
    std::size_t stored_ = 0;  // lanes in front of those of add_told()
    std::int64_t trace_end_ns_ = 0;
    std::uint64_t mended_ = 0;
};

}  // namespace tracypy::analysis
