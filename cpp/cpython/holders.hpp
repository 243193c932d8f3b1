// Who wants every call to be a zone: the whole program, enable() by hand, blocks of profile(). Bookkeeping only.
//
// Whoever holds the whole program (the command line, or a recording) decides for all: what the program itself wants
// counts when that is over. Within the program the first one decides which calls, and others join it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cpython/code_filter.hpp"
#include "cpython/instruments.hpp"

namespace tracypy::cpython {

/// The slot of sys.monitoring and the name to claim it by, which calls, and what besides.
struct Settings {
    int tool = -1;
    std::string name;
    CodeFilter filter;
    Instruments instruments;
    bool wants_the_same(const Settings& other) const noexcept {
        return filter == other.filter && instruments == other.instruments;
    }
    friend bool operator==(const Settings&, const Settings&) = default;
};

/// What a block of profile() gets, to give it back at its end; never 0.
using BlockTicket = std::uint64_t;

/// Guarded by ControlLock.
class Holders {
public:
    /// What is to be in force now; null for nothing.
    const Settings* in_force() const noexcept;
    /// Somebody holds the whole program.
    bool is_held() const noexcept { return whole_.has_value(); }
    /// What the program itself wants, held or not; null for nothing.
    const Settings* wanted() const noexcept { return wanted_ ? &*wanted_ : nullptr; }
    /// What the program wants is what is in force anyway.
    bool wants_what_is_held() const noexcept { return whole_ && wanted_ && *whole_ == *wanted_; }
    bool is_by_hand() const noexcept { return by_hand_; }

    void hold(const Settings& settings) { whole_ = settings; }
    void let_go() noexcept { whole_.reset(); }

    /// When nothing in the program is enabled yet.
    void enable_by_hand(const Settings& settings);
    /// `settings` count if the program has none in force yet.
    BlockTicket enter_block(const Settings& settings, unsigned long thread);
    /// Does nothing for a block that disable() has ended before.
    void leave_block(BlockTicket ticket) noexcept;
    /// disable(): by hand, and all blocks.
    void disable() noexcept;

    /// In a forked child, where `thread` is the only one: blocks of the others do not end here.
    void keep_blocks_of(unsigned long thread) noexcept;

private:
    struct Block {
        BlockTicket ticket;
        unsigned long thread;  // that entered it
    };

    void want(const Settings& settings);
    void forget_if_unwanted() noexcept;

    std::optional<Settings> whole_;
    std::optional<Settings> wanted_;  // by hand or by blocks
    bool by_hand_ = false;
    std::vector<Block> blocks_;
    BlockTicket last_ticket_ = 0;
};

}  // namespace tracypy::cpython
