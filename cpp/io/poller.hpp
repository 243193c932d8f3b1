// Waiting until one of several descriptors is ready.
#pragma once

#include <cstddef>
#include <memory>

#include "io/socket.hpp"

namespace tracypy::io {

/// Filled anew before each wait. One thread.
class Poller {
public:
    Poller();
    ~Poller();
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;

    void clear() noexcept;
    /// Returns the index to ask with afterwards. With neither, only a lost connection wakes.
    std::size_t add(Handle handle, bool read, bool write);
    /// Returns early for a signal, too. A negative timeout waits for ever.
    void wait(int timeout_ms) noexcept;

    /// Something can be read, or the peer is gone: reading tells.
    bool readable(std::size_t index) const noexcept;
    bool writable(std::size_t index) const noexcept;

private:
    struct Entries;
    std::unique_ptr<Entries> entries_;
};

}  // namespace tracypy::io
