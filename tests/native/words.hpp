// Collects events as a handler would write them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "events/event.hpp"

namespace tracypy::native_tests {

class Words {
public:
    Words& begin(std::uint64_t tick, base::SourceLocationId location) {
        return add(events::ZoneBegin{ticks(tick), location});
    }
    Words& begin(std::uint64_t tick, std::uint32_t location = 0) {
        return begin(tick, base::SourceLocationId{location});
    }
    Words& end(std::uint64_t tick) { return add(events::ZoneEnd{ticks(tick)}); }
    Words& text(std::string_view text) { return add(events::ZoneText{text}); }
    Words& name(std::string_view name) { return add(events::ZoneName{name}); }
    Words& value(std::uint64_t value) { return add(events::ZoneValue{value}); }
    Words& color(std::uint32_t rgb) { return add(events::ZoneColor{rgb}); }
    Words& message(std::uint64_t tick, std::string_view text, std::uint32_t rgb) {
        return add(events::Message{ticks(tick), rgb, text});
    }
    template <events::ThreadEvent Event>
    Words& add(const Event& event) {
        events::append(words_, event);
        return *this;
    }

    events::ThreadBatch batch(std::uint32_t thread) const { return {base::ThreadId{thread}, words_}; }
    const std::vector<events::Word>& all() const noexcept { return words_; }
    std::size_t size() const noexcept { return words_.size(); }
    void clear() { words_.clear(); }

private:
    static base::Ticks ticks(std::uint64_t tick) noexcept { return static_cast<base::Ticks>(tick); }

    std::vector<events::Word> words_;
};

}  // namespace tracypy::native_tests
