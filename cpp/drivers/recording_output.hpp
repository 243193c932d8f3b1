// Where the events of a recording go: into one journal, or round a ring; and what is noticed of them on the way.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/names.hpp"
#include "drivers/recording_config.hpp"
#include "drivers/recording_files.hpp"
#include "journal/journal_writer.hpp"
#include "journal/open_zones.hpp"
#include "journal/ring.hpp"
#include "journal/slow_zones.hpp"

namespace tracypy::drivers {

/// One thread. `file` and `names` must outlive it.
class RecordingOutput final : public events::UniformSink<RecordingOutput> {
public:
    RecordingOutput(JournalFile& file, const base::Names& names, const RecordingConfig& config);

    /// What to drain into.
    events::EventSink& sink() noexcept;
    void thread_batch(const events::ThreadBatch& batch) override;
    void take_any(std::span<const events::FrameMark> marks);
    void take_any(std::span<const events::SectionEdge> edges);
    template <typename Event>
    void take_any(std::span<const Event> events) {
        writer().take(events);
        if constexpr (events::Definition<Event>) {
            for (const Event& event : events) definitions_.put(event);
        }
    }

    /// The output is to be flushed now, however long ago that was done.
    bool is_full(std::int64_t now_ns) const noexcept {
        return ring_ ? ring_->is_full(now_ns) : writer_->waiting_bytes() >= kEnoughBytes;
    }
    /// `has_all`: nothing that has happened waits to be drained. Throws base::SystemError.
    void flush(bool has_all = false);
    /// Whoever reads what was written up to here knows that this moment had come.
    void flush_up_to_now() { writer().flush_up_to(base::read_clock()); }
    void finish() { writer().finish(); }
    /// On the disk, and what is about to get there.
    std::uint64_t bytes() const noexcept { return ring_ ? ring_->bytes() : writer_->bytes(); }

    /// Which zones are slow; nothing if it was not asked for.
    journal::SlowZones* slow_zones() noexcept { return slow_ ? &*slow_ : nullptr; }

private:
    /// A busy program has as much in 10 ms. The sooner it is written, the less of the trace is left to make in the end.
    static constexpr std::uint64_t kEnoughBytes = 64 * 1024;

    journal::JournalWriter& writer() noexcept { return ring_ ? ring_->writer() : *writer_; }

    journal::OpenZones open_;
    events::DefinitionTable definitions_;
    std::optional<journal::SlowZones> slow_;
    std::optional<journal::JournalWriter> writer_;  // or
    std::optional<journal::Ring> ring_;
    base::Ticks last_tick_ = 0;
};

}  // namespace tracypy::drivers
