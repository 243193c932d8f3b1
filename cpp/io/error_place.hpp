// Where a process says things that will soon be gone, for another one that has to say a last one: a terminal is found
// again by its name, a file is kept open. A pipe or a socket is not: who reads it waits for its end.
#pragma once

#include <string>
#include <string_view>

#include "io/file_identity.hpp"

namespace tracypy::io {

class ErrorPlace {
public:
    /// Looks where the standard error goes now.
    ErrorPlace() noexcept;

    /// The standard error is a file, of which a descriptor is to be kept.
    bool is_file() const noexcept { return is_file_; }
    void keep(int descriptor) noexcept { file_ = descriptor; }

    /// Says it, if it can be said and the terminal is still the same. Never waits.
    void write(std::string_view text) const noexcept;

private:
    bool is_file_ = false;
    int file_ = -1;
    std::string terminal_;
    FileIdentity identity_;
};

}  // namespace tracypy::io
