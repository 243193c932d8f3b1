#include "drivers/snapshots.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/error.hpp"
#include "base/log.hpp"
#include "drivers/formatting.hpp"
#include "drivers/recording_files.hpp"
#include "io/file_errors.hpp"
#include "io/part_file.hpp"

namespace tracypy::drivers {
namespace {

std::string what_was_saved(const Saved& saved) {
    const journal::Made& made = saved.recorded.made;
    const char* const last = made.forgotten_ns != 0 ? "the last " : "";
    return std::string("saved ") + last + duration_text(made.span_ns) + ", " + counted(made.zones, "zone") + ", in " +
           io::text_of(saved.path);
}

}  // namespace

Snapshots::Snapshots(std::filesystem::path trace, std::function<void()> on_made)
    : trace_(std::move(trace)), on_made_(std::move(on_made)) {}

Snapshots::~Snapshots() {
    maker_.join();
}

void Snapshots::add(JobPointer job) {
    const std::lock_guard lock(mutex_);
    if (is_closed_) {
        throw base::Error(base::problem<base::ErrorCode::RecordingIsOver>(io::text_of(trace_)));
    }
    queue_.push_back(std::move(job));
}

/// A job that has not begun.
bool Snapshots::drop(const JobPointer& job) {
    const std::lock_guard lock(mutex_);
    return std::erase(queue_, job) != 0;
}

Snapshots::JobPointer Snapshots::take() {
    const std::lock_guard lock(mutex_);
    if (queue_.empty()) return nullptr;
    JobPointer job = std::move(queue_.front());
    queue_.pop_front();
    return job;
}

Saved Snapshots::save(const std::filesystem::path& path, bool overwrite, std::string why,
                      const KeepWaiting& keep_waiting) {
    if (!path.empty()) io::require_free(path, overwrite);
    if (path == trace_) {
        throw base::SystemError(EEXIST, base::problem<base::ErrorCode::PathOfRecording>(io::text_of(path)));
    }
    const auto job = std::make_shared<Job>();
    job->path = path;
    job->overwrite = overwrite;
    job->why = std::move(why);
    add(job);
    on_made_();
    const auto is_dropped = [&] { return job->progress.cancel.load(std::memory_order_relaxed) && drop(job); };
    wait_for_trace(job->done, job->progress, keep_waiting, is_dropped);
    if (!job->done.is_set()) throw journal::Cancelled();
    if (job->problem) std::rethrow_exception(job->problem);
    return job->saved;
}

void Snapshots::save_soon(std::string why) {
    const auto job = std::make_shared<Job>();
    job->why = std::move(why);
    {
        const std::lock_guard lock(mutex_);
        const bool is_asked_for =
            std::any_of(queue_.begin(), queue_.end(), [&](const JobPointer& other) { return other->why == job->why; });
        if (is_closed_ || is_asked_for) return;
    }
    add(job);
}

bool Snapshots::is_wanted() {
    if (is_making_.load(std::memory_order_acquire)) return false;
    const std::lock_guard lock(mutex_);
    return !queue_.empty();
}

void Snapshots::begin(const Source& source) {
    maker_.join();
    const JobPointer job = take();
    if (job == nullptr) return;
    try {
        const std::shared_ptr<io::SeekableSource> what = source();
        is_making_.store(true, std::memory_order_release);
        start([this, job, what] { make(*job, *what); });
    } catch (...) {
        fail(*job, std::current_exception());
    }
}

void Snapshots::start(const std::function<void()>& make) {
    try {
        maker_.start("tracypy-save", make);
    } catch (const std::system_error&) {
        make();  // the system has no thread to give: the recording waits
    }
}

void Snapshots::make(Job& job, io::SeekableSource& source) {
    std::string line;
    try {
        make_file(job, source);
        line = what_was_saved(job.saved);
    } catch (const std::exception& error) {
        job.problem = std::current_exception();
        line = std::string("not saved: ") + error.what();
    } catch (...) {
        job.problem = std::current_exception();
    }
    if (!job.why.empty()) base::log(base::LogLevel::Warning, line + ", because " + job.why);
    is_making_.store(false, std::memory_order_release);
    job.done.set();
    on_made_();
}

void Snapshots::make_file(Job& job, io::SeekableSource& source) {
    job.saved.path = job.path.empty() ? free_path() : job.path;
    TracePart part{RecordingPaths(job.saved.path)};
    job.saved.recorded.made = part.make(source, job.overwrite, job.progress);
    job.saved.recorded.file_bytes = part.bytes();
    job.saved.recorded.end = RecordingResult::End::Saved;
}

/// OUT-1.tracy, OUT-2.tracy, …
std::filesystem::path Snapshots::free_path() {
    while (true) {
        std::filesystem::path path = trace_;
        path.replace_extension();
        path += "-" + std::to_string(next_number_++);
        path += trace_.extension();
        if (!io::is_taken(path)) return path;
    }
}

void Snapshots::finish() {
    maker_.join();
}

void Snapshots::close(const Source& source) {
    {
        const std::lock_guard lock(mutex_);
        is_closed_ = true;
    }
    maker_.join();
    while (is_wanted()) {
        begin(source);
        maker_.join();
    }
}

void Snapshots::give_up() noexcept {
    maker_.join();
    {
        const std::lock_guard lock(mutex_);
        is_closed_ = true;
    }
    while (const JobPointer job = take()) {
        fail(*job, std::make_exception_ptr(base::Error(base::problem<base::ErrorCode::NothingSaved>())));
    }
}

void Snapshots::fail(Job& job, std::exception_ptr problem) noexcept {
    is_making_.store(false, std::memory_order_release);
    job.problem = std::move(problem);
    job.done.set();
}

}  // namespace tracypy::drivers
