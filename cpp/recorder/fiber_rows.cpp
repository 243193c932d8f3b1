#include "recorder/fiber_rows.hpp"

namespace tracypy::recorder {
namespace {

std::string_view without_number(std::string_view name) noexcept {
    const std::size_t last = name.find_last_not_of("0123456789");
    return last == std::string_view::npos ? name : name.substr(0, last + 1);
}

}  // namespace

std::string FiberRows::name_for(std::string_view name) {
    std::string own(name);
    if (known_.contains(own)) return own;
    const std::string_view stem = without_number(name);
    if (stem.size() != name.size() && ++numbers_of_[std::string(stem)] > kMostNumbers) {
        own = std::string(stem) + "*";
        if (known_.contains(own)) return own;
    }
    if (known_.size() >= kMostNames) return std::string(kSharedName);
    known_.insert(own);
    return own;
}

base::ThreadId FiberRows::take(const std::string& row_name) {
    if (std::vector<base::ThreadId>& free = free_[row_name]; !free.empty()) {
        const base::ThreadId row = free.back();
        free.pop_back();
        return row;
    }
    if (count_ >= (row_name == kSharedName ? kMost : kMostNamed)) return base::ThreadId::None;
    const base::ThreadId row = numbers_.take_synthetic();
    if (row == base::ThreadId::None) return row;
    names_.set(row, row_name);
    ++count_;
    return row;
}

void FiberRows::clear() noexcept {
    count_ = 0;
    known_.clear();
    numbers_of_.clear();
    free_.clear();
}

}  // namespace tracypy::recorder
