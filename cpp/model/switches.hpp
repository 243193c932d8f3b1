// When threads ran, on which processor, and why they stopped: what the system tells.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "model/strings.hpp"

namespace tracypy::model {

struct ContextSwitch {
    std::int64_t woken_ns = 0;
    std::int64_t begin_ns = 0;
    std::int64_t end_ns = -1;  // kOpen: it still runs
    std::uint64_t thread = 0;  // of a fiber's: what it ran on
    std::uint8_t processor = 0, woken_processor = 0;
    std::int8_t reason = -1, state = -1;
};

/// Of one thread.
struct ThreadSwitches {
    std::uint64_t thread = 0;  // its id
    std::vector<ContextSwitch> switches;
};

/// What ran on a processor.
struct ProcessorRun {
    std::int64_t begin_ns = 0;
    std::int64_t end_ns = -1;
    std::uint64_t thread = 0;  // its id, also one of another program
};

/// What a thread took in all; also one of another program.
struct ThreadTime {
    std::uint64_t thread = 0;
    std::int64_t running_ns = 0;
    std::uint32_t runs = 0;
    std::uint32_t migrations = 0;
};

struct ThreadProcess {
    std::uint64_t thread = 0, process = 0;
};

/// A thread of another program.
struct ForeignThread {
    std::uint64_t thread = 0;
    TextId program = TextId::None, name = TextId::None;
};

struct Switches {
    static constexpr std::size_t kProcessors = 256;

    std::vector<ThreadSwitches> threads;
    std::array<std::vector<ProcessorRun>, kProcessors> processors;
    std::vector<ThreadProcess> processes;
    std::vector<ThreadTime> times;
    std::vector<ForeignThread> foreign_threads;
};

}  // namespace tracypy::model
