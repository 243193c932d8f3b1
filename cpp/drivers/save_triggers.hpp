// What makes a recording save itself while it goes on: a signal, and zones that are slow.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "drivers/recording_config.hpp"
#include "drivers/snapshots.hpp"
#include "io/signal_flag.hpp"
#include "journal/slow_zones.hpp"

namespace tracypy::drivers {

/// How often what happens by itself is saved: not more often than what is kept is new.
class SaveLimit {
public:
    explicit SaveLimit(const RecordingConfig& config);

    /// Any thread. Whether it is time; what is not saved is counted.
    bool admit(std::uint64_t count = 1);
    /// What was left out since the last call.
    std::uint64_t take_left_out();

private:
    const std::int64_t every_ns_;
    std::mutex mutex_;  // for both:
    std::optional<std::int64_t> saved_ns_;
    std::uint64_t left_out_ = 0;
};

/// One thread: the recording's.
class SaveTriggers {
public:
    /// Throws base::SystemError when the signal cannot be had.
    SaveTriggers(const RecordingConfig& config, Snapshots& snapshots);

    /// Whether anything has happened, for which what there is is to be saved.
    void look(journal::SlowZones* slow);
    /// The recording is over: the program has its signal back.
    void end();
    /// In a forked child.
    void abandon() noexcept;

    SaveLimit& limit() noexcept { return limit_; }

private:
    Snapshots& snapshots_;
    const std::string signal_name_;
    std::optional<io::SignalFlag> signal_;
    SaveLimit limit_;
};

}  // namespace tracypy::drivers
