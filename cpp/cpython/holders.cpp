#include "cpython/holders.hpp"

#include <algorithm>

namespace tracypy::cpython {

const Settings* Holders::in_force() const noexcept {
    return whole_ ? &*whole_ : wanted();
}

void Holders::enable_by_hand(const Settings& settings) {
    want(settings);
    by_hand_ = true;
}

BlockTicket Holders::enter_block(const Settings& settings, unsigned long thread) {
    blocks_.push_back({++last_ticket_, thread});
    want(settings);
    return last_ticket_;
}

void Holders::leave_block(BlockTicket ticket) noexcept {
    // From the end: in a recursion the last one to begin is the first to end.
    const auto found =
        std::find_if(blocks_.rbegin(), blocks_.rend(), [ticket](const Block& block) { return block.ticket == ticket; });
    if (found == blocks_.rend()) return;
    blocks_.erase(std::next(found).base());
    forget_if_unwanted();
}

void Holders::disable() noexcept {
    by_hand_ = false;
    blocks_.clear();
    forget_if_unwanted();
}

void Holders::keep_blocks_of(unsigned long thread) noexcept {
    std::erase_if(blocks_, [thread](const Block& block) { return block.thread != thread; });
    forget_if_unwanted();
}

void Holders::want(const Settings& settings) {
    if (!wanted_) wanted_ = settings;
}

void Holders::forget_if_unwanted() noexcept {
    if (!by_hand_ && blocks_.empty()) wanted_.reset();
}

}  // namespace tracypy::cpython
