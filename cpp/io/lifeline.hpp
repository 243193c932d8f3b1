// How a process learns, without asking again and again, that another one is done, gone, or has become another program.
//
// Both hold an end of a pair of sockets; the system closes the ends of who is gone. Where there is a handle for the
// process itself, that tells too: children that it has forked without our knowing have its end of the pair as well.
#pragma once

#include <cstdint>

#include "io/file_identity.hpp"

namespace tracypy::io {

/// In the process that is watched. One thread at a time.
class Lifeline {
public:
    /// When the system refuses it, is_open() is false, and all the rest does nothing.
    Lifeline() noexcept;
    ~Lifeline() { close(); }
    Lifeline(const Lifeline&) = delete;
    Lifeline& operator=(const Lifeline&) = delete;

    bool is_open() const noexcept { return near_ >= 0; }
    // What the other process gets; ours until let_far_go(). Where there is no process(), it is the far end once more.
    int far_end() const noexcept { return far_; }
    int process() const noexcept { return process_; }
    void let_far_go() noexcept;

    /// Tells the other process that there is nothing to wait for any more.
    void release() noexcept;
    /// Also right in a forked child, which the other process does not wait for. The program may have closed the
    /// descriptor itself, and opened something else in its place.
    void close() noexcept;

private:
    int near_ = -1, far_ = -1, process_ = -1;
    FileIdentity identity_;
};

enum class LifelineEnd : std::uint8_t {
    Released,
    Gone,  // the process
    Cut,   // the process is gone, has become another program, or has closed all its descriptors
};

/// In the process that watches.
LifelineEnd await_end(int far_end, int process) noexcept;

}  // namespace tracypy::io
