// Makes the trace while the recording goes on, so that its end need not wait for it.
//
// A thread of its own reads the journal behind its writer: when it cannot keep up, it is behind, and nothing waits for
// it before the end. It begins when the length of a tick is known well enough; shorter recordings do not need it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>

#include "drivers/background_thread.hpp"
#include "io/file_stream.hpp"
#include "journal/early_trace.hpp"

namespace tracypy::drivers {

/// For the recording thread, which is the only one that calls it; the other thread is its own affair.
class EarlyMaking {
public:
    /// `open` gives a descriptor of the journal, which may have lost its name by then; -1 where there is none.
    EarlyMaking(std::filesystem::path journal, std::function<int()> open);
    ~EarlyMaking() { pause(); }
    EarlyMaking(const EarlyMaking&) = delete;
    EarlyMaking& operator=(const EarlyMaking&) = delete;

    /// Starts the thread: early, since a program that has used up its memory has none for a thread's beginnings, and
    /// glibc ends the process then.
    void start() noexcept;
    /// So many bytes of the journal are written, whole packets.
    void wrote(std::uint64_t journal_bytes) noexcept;
    /// Returns when no thread is there. The next wrote() goes on.
    void pause() noexcept;

    /// Once the journal is whole, in place of journal::make_trace(). Nothing, and nothing was written, when there is no
    /// such trace. `known`: is told what will be in the file, if that is known before it is written. Throws as that
    /// does.
    std::optional<journal::Made> finish(io::ByteSink& out, journal::Progress& progress,
                                        const journal::MadeKnown& known = {});
    /// Gives back what it took of the disk. False if that was nothing.
    bool give_up() noexcept;

    /// In a forked child: the files are the parent's.
    void abandon() noexcept;

private:
    struct Reading {
        Reading(const std::filesystem::path& journal, int descriptor, double ns_per_tick)
            : source(descriptor < 0 ? io::FileSource(journal) : io::FileSource(journal, descriptor)),
              trace(source, journal.parent_path(), ns_per_tick) {}
        io::FileSource source;
        journal::EarlyTrace trace;
    };

    void begin() noexcept;
    void run() noexcept;

    const std::filesystem::path journal_;
    const std::function<int()> open_;
    // Made and destroyed under mutex_; in between, of the thread while there is one, else of the caller.
    std::optional<Reading> reading_;
    bool is_useless_ = false;  // likewise
    BackgroundThread thread_;
    bool is_running_ = false;

    std::mutex mutex_;
    std::condition_variable more_;
    std::uint64_t written_ = 0;  // mutex_
    std::atomic<bool> stop_{false};
};

}  // namespace tracypy::drivers
