#include "drivers/early_making.hpp"

#include <exception>
#include <utility>

#include "base/clock.hpp"
#include "io/process.hpp"

namespace tracypy::drivers {
namespace {

/// By then two readings of the clock tell the length of a tick to some millionths.
constexpr std::int64_t kBeginAfterNs = 30'000'000;

bool is_scale_known() noexcept {
    return base::monotonic_ns() - base::tick_scale().start().nanoseconds >= kBeginAfterNs;
}

}  // namespace

EarlyMaking::EarlyMaking(std::filesystem::path journal, std::function<int()> open)
    : journal_(std::move(journal)), open_(std::move(open)) {}

void EarlyMaking::start() noexcept {
    if (is_running_ || is_useless_) return;
    try {
        thread_.start("tracypy-make", [this] { run(); });
        is_running_ = true;
    } catch (const std::exception&) {
        is_useless_ = true;  // no thread to be had: the journal alone will do
    }
}

void EarlyMaking::wrote(std::uint64_t journal_bytes) noexcept {
    start();  // again, after a pause
    {
        const std::lock_guard lock(mutex_);
        written_ = journal_bytes;
        if (!reading_ && !is_useless_ && is_scale_known()) begin();
    }
    more_.notify_one();
}

void EarlyMaking::begin() noexcept {
    try {
        reading_.emplace(journal_, open_(), base::tick_scale().nanoseconds_per_tick());
    } catch (const std::exception&) {
        is_useless_ = true;  // no room
    }
}

void EarlyMaking::run() noexcept {
    io::lower_priority_of_this_thread();
    try {
        while (!stop_.load(std::memory_order_relaxed)) {
            std::uint64_t written = 0;
            {
                std::unique_lock lock(mutex_);
                more_.wait(lock, [this] {
                    return stop_.load(std::memory_order_relaxed) || (reading_ && written_ > reading_->trace.offset());
                });
                written = written_;
            }
            if (reading_) reading_->trace.advance(written, stop_);
        }
    } catch (const std::exception&) {
        const std::lock_guard lock(mutex_);
        is_useless_ = true;
        reading_.reset();
    }
}

void EarlyMaking::pause() noexcept {
    if (!std::exchange(is_running_, false)) return;
    {
        const std::lock_guard lock(mutex_);
        stop_.store(true, std::memory_order_relaxed);
    }
    more_.notify_one();
    thread_.join();
    stop_.store(false, std::memory_order_relaxed);
}

std::optional<journal::Made> EarlyMaking::finish(io::ByteSink& out, journal::Progress& progress,
                                                 const journal::MadeKnown& known) {
    pause();
    if (!reading_) return std::nullopt;
    try {
        progress.total.store(reading_->source.size(), std::memory_order_relaxed);
        if (!reading_->trace.read_rest(progress)) give_up();
    } catch (const journal::Cancelled&) {
        throw;
    } catch (const std::exception&) {
        give_up();
    }
    if (!reading_) return std::nullopt;
    const journal::Made made = reading_->trace.write(out, known);
    progress.done.store(progress.total.load(std::memory_order_relaxed), std::memory_order_relaxed);
    return made;
}

bool EarlyMaking::give_up() noexcept {
    pause();
    is_useless_ = true;
    const bool had_room = reading_.has_value();
    reading_.reset();
    return had_room;
}

void EarlyMaking::abandon() noexcept {
    if (!reading_) return;
    reading_->source.abandon();
    reading_->trace.abandon();
}

}  // namespace tracypy::drivers
