#include "drivers/farewell.hpp"

#include <utility>

#include "base/log.hpp"
#include "drivers/formatting.hpp"
#include "io/standard_error.hpp"

namespace tracypy::drivers {

void Farewell::leave(std::string before, std::string after) {
    const std::lock_guard lock(mutex_);
    words_.emplace(std::move(before), std::move(after));
    say_if_all_is_known();
}

void Farewell::made(std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    outcome_.emplace(bytes, std::string());
    say_if_all_is_known();
}

void Farewell::failed(std::string why) {
    const std::lock_guard lock(mutex_);
    outcome_.emplace(0, std::move(why));
    say_if_all_is_known();
}

void Farewell::say_if_all_is_known() {
    if (!words_ || !outcome_) return;
    if (outcome_->problem.empty()) {
        io::write_standard_error(words_->before + size_text(outcome_->bytes) + words_->after);
    } else {
        base::log(base::LogLevel::Warning, outcome_->problem);
    }
    words_.reset();
}

}  // namespace tracypy::drivers
