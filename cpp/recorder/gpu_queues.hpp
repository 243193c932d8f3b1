// The queues of GPUs that the program has named: one for each kind and name, for the life of the process.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "events/vocabulary.hpp"
#include "recorder/gpu_queue.hpp"

namespace tracypy::recorder {

class Recorder;

/// Any thread; `mutex_` guards the list.
class GpuQueues {
public:
    /// As viewers number them, with a byte.
    static constexpr std::size_t kMost = 255;

    explicit GpuQueues(Recorder& recorder) noexcept : recorder_(recorder) {}

    /// Who guards a queue: each has queues of its own.
    enum class Owner : std::uint8_t { Python, Native };

    /// The one of that kind and name, whose clock shows `gpu_ns` now. Null: there are as many as there may be. Throws
    /// std::bad_alloc.
    GpuQueue* make(events::GpuKind kind, base::StringId name, std::int64_t gpu_ns, Owner owner = Owner::Python);
    /// Its clock shows `gpu_ns` now.
    void sync(const GpuQueue& queue, std::int64_t gpu_ns) noexcept;
    /// The processor's tick at which its clock shows `gpu_ns`, by what it showed last.
    base::Ticks tick_of(const GpuQueue& queue, std::int64_t gpu_ns) noexcept;

    void lock() { mutex_.lock(); }  // around a fork
    void unlock() { mutex_.unlock(); }

private:
    struct Entry {
        std::unique_ptr<GpuQueue> queue;
        events::GpuKind kind;
        base::StringId name;
        Owner owner;
        base::ClockReading reading;  // a tick, and what the GPU's clock showed then
    };

    Recorder& recorder_;
    std::mutex mutex_;
    std::vector<Entry> entries_;
};

}  // namespace tracypy::recorder
