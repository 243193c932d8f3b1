// What happens to locks, into the table of a trace.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "events/vocabulary.hpp"
#include "model/lock_order.hpp"
#include "model/locks.hpp"

namespace tracypy::model {

/// One thread. `locks`: of the trace, whose times are ticks. False: it fits nothing that came before.
class LockBuilder {
public:
    void take_as_told() noexcept { takes_as_told_ = true; }

    /// Null: it was not announced.
    Lock* find(std::uint32_t id, std::vector<Lock>& locks) const;
    void take(const events::LockAnnounce& lock, base::Ticks made, LocationIndex location, std::vector<Lock>& locks);
    /// `thread`: its id, as files have it.
    bool take(const events::LockEvent& event, std::uint64_t thread, std::vector<Lock>& locks);
    bool take(const events::LockName& name, std::vector<Lock>& locks);
    bool take(const events::LockEnd& end, std::vector<Lock>& locks);
    bool take(const events::LockMark& mark, std::uint64_t thread, LocationIndex location, std::vector<Lock>& locks);

    /// Of those that have one of their own, by their place in the trace.
    const std::vector<std::pair<std::size_t, base::StringId>>& names() const noexcept { return names_; }

private:
    std::unordered_map<std::uint32_t, std::size_t> places_;  // by their number: in the trace
    std::vector<std::unique_ptr<LockOrder>> orders_;         // by the same index; null before the first event
    std::vector<std::pair<std::size_t, base::StringId>> names_;
    bool takes_as_told_ = false;
};

}  // namespace tracypy::model
