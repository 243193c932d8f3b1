// The blocks of a large file, compressed on several threads: in runs, each a frame of its own, which reach the file in
// their order.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "io/byte_stream.hpp"
#include "tracefile/frame_compressor.hpp"

namespace tracypy::tracefile {

/// How many threads may compress a file of that many bytes, uncompressed: none for one that is written in no time.
unsigned useful_workers(std::uint64_t bytes) noexcept;

/// For one thread, which fills a run after the other.
class FrameWorkers {
public:
    static constexpr std::size_t kRunBlocks = FrameCompressor::kMostBlocks;
    static constexpr std::size_t kRunBytes = kRunBlocks * kBlockBytes;

    /// `slack`: more bytes that a run has room for. With fewer threads than asked for, or none, if the system gives no
    /// more: then the caller's compresses, too.
    FrameWorkers(io::ByteSink& sink, int level, unsigned threads, std::size_t slack);
    ~FrameWorkers();
    FrameWorkers(const FrameWorkers&) = delete;
    FrameWorkers& operator=(const FrameWorkers&) = delete;

    /// Room for the next run. The one before is still there.
    char* room();
    /// The run that is full, or the last one of several: so many of its bytes. Throws what the sink throws.
    void put(std::size_t bytes);
    /// Returns when all of them are in the sink.
    void drain();

private:
    enum class State { Filling, Waiting, Taken, Done, Failed };
    struct Run {
        std::unique_ptr<char[]> content;
        std::size_t bytes = 0;
        std::string frame;
        State state = State::Filling;
    };

    void work(FrameCompressor& compressor) noexcept;
    static State compress(Run& run, FrameCompressor& compressor) noexcept;
    Run* take_waiting() noexcept;
    void write_first();

    io::ByteSink& sink_;
    std::size_t slack_;
    FrameCompressor own_;
    std::vector<FrameCompressor> compressors_;
    std::deque<std::unique_ptr<Run>> runs_;  // in the order of the file; the last one is being filled
    std::vector<std::unique_ptr<Run>> unused_;
    std::mutex mutex_;  // guards the states, runs_, is_over_
    std::condition_variable changed_;
    bool is_over_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace tracypy::tracefile
