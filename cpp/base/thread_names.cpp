#include "base/thread_names.hpp"

#include <charconv>

namespace tracypy::base {
namespace {

constexpr std::string_view kBeforeCount = "other threads (";
constexpr std::string_view kAfterCount = " so far)";

}  // namespace

std::string shared_row_name(std::uint64_t threads) {
    return std::string(kBeforeCount) + std::to_string(threads) + std::string(kAfterCount);
}

std::uint64_t threads_of_row(ThreadId row, std::string_view name) noexcept {
    if (row == kNoticeThread) return 0;
    if (!name.starts_with(kBeforeCount) || !name.ends_with(kAfterCount)) return 1;
    std::uint64_t threads = 0;
    const char* const end = name.data() + name.size() - kAfterCount.size();
    const auto [stop, error] = std::from_chars(name.data() + kBeforeCount.size(), end, threads);
    return stop == end && error == std::errc() ? threads : 1;
}

void ThreadNames::set(ThreadId thread, std::string_view name) {
    const std::lock_guard lock(mutex_);
    names_[thread] = std::string(name);
    ++version_;
}

std::uint64_t ThreadNames::version() const noexcept {
    const std::lock_guard lock(mutex_);
    return version_;
}

void ThreadNames::keep_only(const std::unordered_set<ThreadId>& threads) {
    const std::lock_guard lock(mutex_);
    std::erase_if(names_, [&](const auto& entry) { return !threads.contains(entry.first); });
}

std::string ThreadNames::find(ThreadId thread) const {
    const std::lock_guard lock(mutex_);
    if (const auto found = names_.find(thread); found != names_.end()) return found->second;
    return "thread " + std::to_string(static_cast<std::uint32_t>(thread));
}

}  // namespace tracypy::base
