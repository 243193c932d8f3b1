#include "process/record.hpp"

#include <utility>

#include "cpython/gil.hpp"
#include "io/process.hpp"
#include "process/forking.hpp"
#include "process/parts.hpp"

namespace tracypy::process {

std::uint64_t start_recording(const drivers::RecordingConfig& config) {
    refuse_at_the_end(base::ErrorCode::TooLateToRecord);
    resume_now();
    const cpython::GilReleased released;
    return file_recorder().start(config);
}

drivers::RecordingResult stop_recording(std::uint64_t number, const drivers::KeepWaiting& keep_waiting) {
    refuse_at_the_end(base::ErrorCode::TooLateToStop);
    resume_now();
    const cpython::GilReleased released;
    return file_recorder().stop(keep_waiting, number);
}

drivers::RecordingResult stop_and_leave_recording(std::uint64_t number, const drivers::KeepWaiting& keep_waiting) {
    refuse_at_the_end(base::ErrorCode::TooLateToStop);
    resume_now();
    const cpython::GilReleased released;
    return file_recorder().stop_and_leave(keep_waiting, number);
}

void leave_recording(std::string before, std::string after) {
    // Called before all that was registered so far, and while all of this library is there. The interpreter is gone.
    std::atexit([] {
        io::note_interrupts();
        file_recorder().await_left([] { return !io::was_interrupted(); });
    });
    const cpython::GilReleased released;
    file_recorder().leave(std::move(before), std::move(after));
}

void await_left_recording(const std::function<bool()>& keep_waiting) {
    const cpython::GilReleased released;
    file_recorder().await_left(keep_waiting);
}

void flush_recording() {
    resume_now();
    const cpython::GilReleased released;
    file_recorder().flush();
}

drivers::Saved save_recording(const std::filesystem::path& path, bool overwrite,
                              const drivers::KeepWaiting& keep_waiting) {
    resume_now();
    const cpython::GilReleased released;
    return file_recorder().save(path, overwrite, keep_waiting);
}

bool save_because(const std::string& why, const drivers::KeepWaiting& keep_waiting) {
    resume_now();
    const cpython::GilReleased released;
    return file_recorder().save_because(why, keep_waiting);
}

}  // namespace tracypy::process
