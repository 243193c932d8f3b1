// The stderr of the process: descriptor 2, for as long as it is the file that it was when we came. A program may close
// it, and then its next file gets that number: nothing of ours may be written into that.
#pragma once

#include <functional>
#include <string_view>

namespace tracypy::io {

/// To be called once, before the program has had its turn; without that there is no stderr. Not thread-safe.
void remember_standard_error() noexcept;

/// Whether descriptor 2 is still that file.
bool has_standard_error() noexcept;

/// Writes all of it, if there is a stderr. A reader that is gone, a full disk or one that takes nothing for a second
/// ends it; no error and no SIGPIPE comes of that.
///
/// `go_on`: asked when a signal may have come; false ends it. It may be empty.
void write_standard_error(std::string_view text, const std::function<bool()>& go_on = {});

}  // namespace tracypy::io
