// The keeper: a small process beside a program that is recorded, which makes the trace when the program cannot: it was
// killed, has crashed, or has become another program. It shares nothing with the program, which never sees it.
#pragma once

#include <filesystem>
#include <optional>

#include "drivers/recording_files.hpp"
#include "io/lifeline.hpp"

namespace tracypy::drivers {

/// In the program. One thread at a time.
class Keeper {
public:
    /// Starts it, of `executable`, once the journal is there. When that is empty, or it cannot be started, there is
    /// none: then the journal of a program that is killed stays.
    void start(const std::filesystem::path& executable, const RecordingPaths& paths, bool overwrite) noexcept;
    /// It makes the trace if this program does not, which would say so by dismiss().
    bool is_there() const noexcept { return lifeline_ && lifeline_->is_open(); }
    /// The program has done, or has said, what there is to do or to say.
    void dismiss() noexcept;
    /// Leaves the rest to it; and, in a forked child, its parent.
    void leave() noexcept { lifeline_.reset(); }

private:
    std::optional<io::Lifeline> lifeline_;
};

/// The keeper itself, from its start to its end: all of its process. Returns the exit code.
int keep_recording(int argc, char** argv) noexcept;

}  // namespace tracypy::drivers
