#include "protocol/captured_threads.hpp"

#include <string>
#include <utility>

#include "protocol/peer_error.hpp"

namespace tracypy::protocol {

CapturedRow& CapturedThreads::add(std::uint64_t number, bool is_fiber, std::int32_t group_hint, std::string_view name) {
    auto row = std::make_unique<CapturedRow>();
    row->id = static_cast<base::ThreadId>(rows_.size() + 1);
    row->number = number;
    row->is_fiber = is_fiber;
    row->group_hint = group_hint;
    names_.threads.set(row->id, name);
    tell(*row);
    rows_.push_back(std::move(row));
    return *rows_.back();
}

void CapturedThreads::tell(const CapturedRow& row) {
    const events::ThreadFacts facts{row.id, row.number, row.is_fiber, row.group_hint};
    sink_.take({&facts, 1});
}

CapturedRow* CapturedThreads::find(std::uint32_t thread) noexcept {
    const auto found = threads_.find(thread);
    return found == threads_.end() ? nullptr : found->second;
}

CapturedRow& CapturedThreads::notice(std::uint32_t thread) {
    const auto [found, is_new] = threads_.try_emplace(thread, nullptr);
    if (is_new) {
        queries_.ask(QueryKind::ThreadString, thread);
        found->second = &add(thread, false, 0, "thread " + std::to_string(thread));
    }
    return *found->second;
}

CapturedThreads::Switch CapturedThreads::enter(std::uint64_t fiber, std::uint32_t thread, std::int32_t group_hint) {
    const auto [found, is_new] = fibers_.try_emplace(fiber, nullptr);
    if (is_new) {
        const std::size_t number = fibers_.size() - 1;
        found->second = &add(kFirstFiber | number, true, group_hint, "fiber " + std::to_string(number));
        queries_.ask(QueryKind::FiberName, fiber);
    }
    CapturedRow& carrier = notice(thread);
    const Switch change{carrier.fiber != nullptr ? carrier.fiber->id : base::ThreadId::None, found->second->id,
                        carrier.id};
    carrier.fiber = found->second;
    return change;
}

base::ThreadId CapturedThreads::leave(std::uint32_t thread) {
    CapturedRow* const row = find(thread);
    if (row == nullptr || row->fiber == nullptr) {
        throw PeerError("thread " + std::to_string(thread) + " leaves a fiber, but runs none");
    }
    return std::exchange(row->fiber, nullptr)->id;
}

void CapturedThreads::hint(std::uint32_t thread, std::int32_t group_hint) {
    CapturedRow& row = notice(thread);
    row.group_hint = group_hint;
    tell(row);
}

void CapturedThreads::named(std::uint64_t thread, std::string_view name) {
    queries_.answered(QueryKind::ThreadString, thread);
    names_.threads.set(notice(static_cast<std::uint32_t>(thread)).id, name);
    name_bytes_ += name.size();
}

void CapturedThreads::fiber_named(std::uint64_t fiber, std::string_view name) {
    queries_.answered(QueryKind::FiberName, fiber);
    names_.threads.set(fibers_.at(fiber)->id, name);
    name_bytes_ += name.size();
}

std::uint64_t CapturedThreads::open_zones() const noexcept {
    std::uint64_t open = 0;
    for (const auto& row : rows_) open += row->open_zones;
    return open;
}

}  // namespace tracypy::protocol
