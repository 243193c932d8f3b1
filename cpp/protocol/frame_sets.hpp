// What a viewer knows about each set of frames, so that no mark reaches it which it could not place.
//
// A viewer decides by a set's first mark whether its frames follow each other (Continuous) or have a start and an end,
// and asserts that it stays so. It also asserts that times within a set do not decrease, that a Start comes after the
// End of the frame before, and drops the connection on an End without a Start.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "base/clock.hpp"
#include "events/event.hpp"

namespace tracypy::protocol {

/// One thread; one entry per name of a set.
class FrameSets {
public:
    enum class Verdict : std::uint8_t {
        Send,
        SendAfterEnd,  // a Start while a frame is open: end that one first, at the same tick
        DropEnd,       // an End without a Start
        DropMixed,     // Continuous on a set of starts and ends, or the other way round
    };

    struct Decision {
        Verdict verdict;
        base::Ticks ticks;  // clamped to the set's last
    };

    /// No mark is older than `first_tick`: the viewer has made a frame of its own there.
    explicit FrameSets(base::Ticks first_tick) : first_tick_(first_tick) {}

    Decision decide(const events::FrameMark& mark) {
        using Kind = events::FrameMarkKind;
        const bool continuous = mark.kind == Kind::Continuous;
        // The default set exists from the start and is continuous.
        if (mark.name == base::StringId::None && !continuous) return {Verdict::DropMixed, mark.ticks};
        const auto known = sets_.find(mark.name);
        if (known == sets_.end() && mark.kind == Kind::End) return {Verdict::DropEnd, mark.ticks};
        Set& set = known != sets_.end() ? known->second
                                        : sets_.emplace(mark.name, Set{first_tick_, continuous, false}).first->second;
        if (set.continuous != continuous) return {Verdict::DropMixed, mark.ticks};
        if (mark.kind == Kind::End && !set.open) return {Verdict::DropEnd, mark.ticks};
        set.last_tick = mark.ticks > set.last_tick ? mark.ticks : set.last_tick;
        const bool was_open = set.open;
        set.open = mark.kind == Kind::Start;
        const bool twice = mark.kind == Kind::Start && was_open;
        return {twice ? Verdict::SendAfterEnd : Verdict::Send, set.last_tick};
    }

private:
    struct Set {
        base::Ticks last_tick;
        bool continuous;
        bool open;
    };

    base::Ticks first_tick_;
    std::unordered_map<base::StringId, Set> sets_;
};

}  // namespace tracypy::protocol
