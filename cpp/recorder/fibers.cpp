#include "recorder/fibers.hpp"

namespace tracypy::recorder {

Fiber* Fibers::reuse(FiberKey key, const std::string& row_name) {
    const auto found = free_.find(row_name);
    if (found == free_.end() || found->second.empty()) return nullptr;
    Fiber* const fiber = found->second.back();
    name(*fiber, key);
    found->second.pop_back();
    return fiber;
}

Fiber& Fibers::add(FiberKey key, base::ThreadId row, const std::string& row_name) {
    Fiber& fiber = all_.emplace_back();
    fiber.index = all_.size() - 1;
    fiber.row = row;
    fiber.row_name = row_name;
    free_[row_name].reserve(all_.size());  // so that release() needs no memory
    name(fiber, key);
    return fiber;
}

void Fibers::name(Fiber& fiber, FiberKey key) {
    by_key_.put(key, reinterpret_cast<std::uintptr_t>(&fiber));
    fiber.key = key;
}

void Fibers::release(Fiber& fiber) noexcept {
    by_key_.take(fiber.key);
    fiber.key = 0;
    fiber.is_running = false;
    fiber.outer = nullptr;
    fiber.context = nullptr;
    fiber.thrown_into = 0;
    free_[fiber.row_name].push_back(&fiber);
    is_full = false;
}

}  // namespace tracypy::recorder
