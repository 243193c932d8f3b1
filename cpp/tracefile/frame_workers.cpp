#include "tracefile/frame_workers.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <system_error>
#include <utility>

#include "base/error.hpp"
#include "io/process.hpp"

namespace tracypy::tracefile {
namespace {

/// What one thread compresses in some 20 ms.
constexpr std::uint64_t kSmall = 16 * 1024 * 1024;
constexpr unsigned kMostWorkers = 6;

}  // namespace

unsigned useful_workers(std::uint64_t bytes) noexcept {
    if (bytes < kSmall) return 0;
    const unsigned processors = std::thread::hardware_concurrency();
    return processors < 2 ? 0 : std::min(processors - 1, kMostWorkers);
}

FrameWorkers::FrameWorkers(io::ByteSink& sink, int level, unsigned threads, std::size_t slack)
    : sink_(sink), slack_(slack), own_(level) {
    compressors_.reserve(threads);
    threads_.reserve(threads);
    for (unsigned i = 0; i < threads; ++i) compressors_.emplace_back(level);
    const io::SignalsBlocked blocked;  // as of all threads of ours: they belong to the program
    try {
        for (FrameCompressor& compressor : compressors_)
            threads_.emplace_back([this, &compressor] { work(compressor); });
    } catch (const std::system_error&) {
        // The system has no more.
    }
}

FrameWorkers::~FrameWorkers() {
    {
        const std::lock_guard lock(mutex_);
        is_over_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
}

char* FrameWorkers::room() {
    std::unique_ptr<Run> run;
    if (unused_.empty()) {
        run = std::make_unique<Run>();
        run->content = std::make_unique_for_overwrite<char[]>(kRunBytes + slack_);
    } else {
        run = std::move(unused_.back());
        unused_.pop_back();
        run->frame.clear();
        run->state = State::Filling;
    }
    char* const content = run->content.get();
    const std::lock_guard lock(mutex_);
    runs_.push_back(std::move(run));
    return content;
}

void FrameWorkers::put(std::size_t bytes) {
    std::size_t waiting = 0;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& run : runs_) waiting += run->state == State::Filling ? 0 : 1;
        // The one before the last, when room() was called for the next one already.
        const auto full =
            std::find_if(runs_.begin(), runs_.end(), [](const auto& run) { return run->state == State::Filling; });
        (*full)->bytes = bytes;
        (*full)->state = State::Waiting;
    }
    changed_.notify_all();
    if (waiting >= 2 * threads_.size()) write_first();
}

void FrameWorkers::drain() {
    while (true) {
        {
            const std::lock_guard lock(mutex_);
            if (runs_.empty() || runs_.front()->state == State::Filling) return;
        }
        write_first();
    }
}

/// The first run that nobody has begun to compress. Call with mutex_ held.
FrameWorkers::Run* FrameWorkers::take_waiting() noexcept {
    const auto waiting =
        std::find_if(runs_.begin(), runs_.end(), [](const auto& run) { return run->state == State::Waiting; });
    if (waiting == runs_.end()) return nullptr;
    (*waiting)->state = State::Taken;
    return waiting->get();
}

/// The first run to the sink. As long as other threads are busy, this one compresses, too.
void FrameWorkers::write_first() {
    std::unique_ptr<Run> first;
    {
        std::unique_lock lock(mutex_);
        const Run& run = *runs_.front();
        while (run.state != State::Done && run.state != State::Failed) {
            Run* const next = take_waiting();
            if (next == nullptr) {
                changed_.wait(lock);
                continue;
            }
            lock.unlock();
            const State state = compress(*next, own_);
            lock.lock();
            next->state = state;
        }
        first = std::move(runs_.front());
        runs_.pop_front();
    }
    if (first->state == State::Failed)
        throw base::Error(base::problem<base::ErrorCode::TraceNotWritten>("Zstandard cannot compress a block"));
    sink_.write(first->frame);
    unused_.push_back(std::move(first));
}

FrameWorkers::State FrameWorkers::compress(Run& run, FrameCompressor& compressor) noexcept try {
    std::array<std::span<const char>, kRunBlocks> blocks;
    std::size_t count = 0;
    for (std::size_t at = 0; at < run.bytes; at += kBlockBytes) {
        blocks[count++] = {run.content.get() + at, std::min(kBlockBytes, run.bytes - at)};
    }
    return compressor.append({blocks.data(), count}, run.frame) ? State::Done : State::Failed;
} catch (const std::exception&) {
    return State::Failed;  // no memory
}

void FrameWorkers::work(FrameCompressor& compressor) noexcept {
    std::unique_lock lock(mutex_);
    while (true) {
        Run* next = nullptr;
        changed_.wait(lock, [&] {
            next = is_over_ ? nullptr : take_waiting();
            return is_over_ || next != nullptr;
        });
        if (is_over_) return;
        lock.unlock();
        const State state = compress(*next, compressor);
        lock.lock();
        next->state = state;
        changed_.notify_all();
    }
}

}  // namespace tracypy::tracefile
