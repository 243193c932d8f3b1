#include "drivers/recording_recovery.hpp"

#include <cerrno>
#include <exception>
#include <system_error>

#include "base/error.hpp"
#include "drivers/background_thread.hpp"
#include "io/file_errors.hpp"
#include "io/part_file.hpp"

namespace tracypy::drivers {
namespace {

void require_journal(const std::filesystem::path& journal) {
    std::error_code error;
    const auto status = std::filesystem::status(journal, error);
    if (!std::filesystem::exists(status))
        throw base::SystemError(ENOENT, base::problem<base::ErrorCode::JournalIsMissing>(io::text_of(journal)));
    if (std::filesystem::is_directory(status)) {
        throw base::SystemError(EISDIR, base::problem<base::ErrorCode::JournalIsFolder>(io::text_of(journal)));
    }
}

}  // namespace

RecordingResult recover_from(JournalFile& journal, TracePart&& part, bool overwrite, journal::Progress& progress) {
    RecordingResult recorded;
    recorded.made = part.make(journal, overwrite, progress);
    recorded.file_bytes = part.bytes();
    return recorded;
}

RecordingResult recover(const std::filesystem::path& journal, const std::filesystem::path& path, bool overwrite,
                        const KeepWaiting& keep_waiting) {
    await_trace_of(journal);
    require_journal(journal);
    const RecordingPaths paths = RecordingPaths::of_journal(journal, path);
    io::require_free(paths.trace, overwrite);
    JournalFile left(paths);
    RecordingResult recorded;
    journal::Progress progress;
    DoneFlag done;
    std::exception_ptr problem;
    BackgroundThread maker;
    maker.start("tracypy-make", [&] {
        try {
            recorded = recover_from(left, TracePart(paths), overwrite, progress);
        } catch (...) {
            problem = std::current_exception();
        }
        done.set();
    });
    std::exception_ptr interruption;
    try {
        wait_for_trace(done, progress, keep_waiting);
    } catch (...) {
        interruption = std::current_exception();
    }
    maker.join();
    if (interruption) std::rethrow_exception(interruption);
    if (problem) std::rethrow_exception(problem);
    if (!path.empty()) forget_part_of(journal);  // it holds room, and the trace was made elsewhere
    return recorded;
}

}  // namespace tracypy::drivers
