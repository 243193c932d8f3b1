// For walks over a thread's zones of which only some are kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tracypy::model {

/// Which of the zones around are kept, and where the inner one of them is.
class KeptAround {
public:
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

    /// To what lies around the next zone, which has this depth.
    void go_to(std::uint32_t depth) {
        while (open_.size() > depth) {
            kept_ -= open_.back().is_kept ? 1 : 0;
            open_.pop_back();
        }
    }
    std::uint32_t kept() const noexcept { return kept_; }
    std::size_t inner() const noexcept { return open_.empty() ? kNone : open_.back().inner; }

    void enter_kept(std::size_t place) {
        open_.push_back({place, true});
        ++kept_;
    }
    void enter_other() { open_.push_back({inner(), false}); }

private:
    struct Open {
        std::size_t inner;  // the place of the inner one that is kept, itself among them
        bool is_kept;
    };

    std::vector<Open> open_;
    std::uint32_t kept_ = 0;
};

}  // namespace tracypy::model
