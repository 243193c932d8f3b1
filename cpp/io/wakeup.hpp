// Ends another thread's wait.
#pragma once

#include "io/socket.hpp"

namespace tracypy::io {

/// `wake` from any thread; the rest from the thread that waits.
class Wakeup {
public:
    /// Throws base::SystemError.
    Wakeup();

    void wake() noexcept;
    /// False when the program has closed it: it can no longer wake anything.
    bool is_own() const noexcept { return receiver_.is_own(); }
    /// What to wait for: readable after `wake`.
    Handle handle() const noexcept { return receiver_.handle(); }
    /// Forgets all wakes so far.
    void drain() noexcept;
    /// In a forked child: the ends belong to the parent as well.
    void close() noexcept;

private:
    Socket receiver_;
    Socket sender_;  // the same object as the receiver on Windows, hence invalid there
};

}  // namespace tracypy::io
