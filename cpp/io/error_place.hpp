// Where a process says things that will soon be gone, for another one that has to say a last one: a terminal is found
// again by its name, a file is kept open. A pipe or a socket is not: who reads it waits for its end.
#pragma once

#include <string>
#include <string_view>

#include "io/file_identity.hpp"

namespace tracypy::io {

class ErrorPlace {
public:
    /// Where the standard error goes now.
    ErrorPlace() noexcept;
    /// The place that another process has found: one of the two.
    ErrorPlace(int file, std::string terminal) noexcept;

    /// The file, to be given to the other process; -1 when it is none.
    int file() const noexcept { return file_; }
    /// The name of the terminal; empty when it is none.
    const std::string& terminal() const noexcept { return terminal_; }

    /// Says it, if it can be said and the terminal is still the same. Never waits.
    void write(std::string_view text) const noexcept;

private:
    int file_ = -1;
    std::string terminal_;
    FileIdentity identity_;
};

}  // namespace tracypy::io
