#include "base/thread_names.hpp"

namespace tracypy::base {

void ThreadNames::set(ThreadId thread, std::string_view name) {
    const std::lock_guard lock(mutex_);
    names_[thread] = std::string(name);
    ++version_;
}

std::uint64_t ThreadNames::version() const noexcept {
    const std::lock_guard lock(mutex_);
    return version_;
}

void ThreadNames::forget(ThreadId thread) {
    const std::lock_guard lock(mutex_);
    names_.erase(thread);
}

std::string ThreadNames::find(ThreadId thread) const {
    const std::lock_guard lock(mutex_);
    if (const auto found = names_.find(thread); found != names_.end()) return found->second;
    return "thread " + std::to_string(static_cast<std::uint32_t>(thread));
}

}  // namespace tracypy::base
