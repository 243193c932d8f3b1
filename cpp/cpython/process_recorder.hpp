// The one recorder of this process.
#pragma once

#include "base/linkage.hpp"
#include "recorder/recorder.hpp"

namespace tracypy::cpython {

/// Where it lies: at an address that the hot path need not look up. Made before the module is; never destroyed, since
/// daemon threads may still write at exit.
union ProcessRecorder {
    constexpr ProcessRecorder() noexcept : nothing() {}
    ~ProcessRecorder() {}
    char nothing;
    recorder::Recorder recorder;
};
TRACYPY_LOCAL extern constinit ProcessRecorder g_process_recorder;

inline recorder::Recorder& process_recorder() noexcept {
    return g_process_recorder.recorder;
}

}  // namespace tracypy::cpython
