#include "wire_reader.hpp"

#include <lz4.h>

#include <cstring>

#include "protocol/wire_bytes.hpp"

namespace tracypy::native_tests {

using protocol::get;
using protocol::Tail;
using protocol::WireEvent;

std::size_t WireReader::open_zones() const {
    std::size_t sum = 0;
    for (const auto& [thread, list] : open_) sum += list.size();
    return sum;
}

std::size_t WireReader::total_zones() const {
    std::size_t sum = 0;
    for (const auto& [thread, list] : zones) sum += list.size();
    return sum;
}

void WireReader::feed(std::span<const char> bytes) {
    input_.append(bytes.data(), bytes.size());
    std::size_t at = 0;
    while (input_.size() - at >= 4) {
        const auto size = get<std::uint32_t>(input_.data() + at);
        if (input_.size() - at - 4 < size) break;
        block({input_.data() + at + 4, size});
        at += 4 + size;
    }
    input_.erase(0, at);
}

void WireReader::block(std::span<const char> packed) {
    ++blocks;
    std::string raw(256 * 1024, '\0');
    const int size =
        LZ4_decompress_safe_usingDict(packed.data(), raw.data(), static_cast<int>(packed.size()),
                                      static_cast<int>(raw.size()), history_.data(), static_cast<int>(history_.size()));
    if (size < 0) return fail("a block does not unpack");
    raw.resize(static_cast<std::size_t>(size));
    events(raw.data(), raw.data() + raw.size());
    history_ += raw;
    if (history_.size() > 65536) history_.erase(0, history_.size() - 65536);
}

void WireReader::events(const char* cursor, const char* const end) {
    while (cursor < end && error.empty()) {
        const auto number = static_cast<std::uint8_t>(*cursor);
        if (number >= dialect_.event_count) return fail("no event has number " + std::to_string(number));
        const WireEvent kind = dialect_.events[number];
        const std::size_t size = dialect_.fixed_size(kind);
        if (static_cast<std::size_t>(end - cursor) < size) return fail("an event is cut off");
        const char* const body = cursor + 1;
        cursor += size;
        ++counts[kind];
        const Tail tail = protocol::facts_of(kind).tail;
        if (tail == Tail::NotOnWire) return fail("an internal event on the wire");
        if (tail == Tail::None) {
            if (!event(kind, body)) return;
            continue;
        }
        std::size_t length = 0;
        const bool biased =
            dialect_.short_strings && (kind == WireEvent::SingleStringData || kind == WireEvent::SecondStringData);
        if (tail == Tail::Text8) length = get<std::uint8_t>(cursor), cursor += 1;
        if (tail == Tail::Text16) length = get<std::uint16_t>(cursor) + (biased ? 256u : 0u), cursor += 2;
        if (tail == Tail::Data32) length = get<std::uint32_t>(cursor), cursor += 4;
        if (cursor > end || static_cast<std::size_t>(end - cursor) < length) return fail("a text is cut off");
        std::string text(cursor, length);
        cursor += length;
        if (kind == WireEvent::SingleStringData || kind == WireEvent::SingleStringData8) {
            if (single_) return fail("two single strings in a row");
            single_ = std::move(text);
        } else if (kind == WireEvent::SecondStringData || kind == WireEvent::SecondStringData8) {
            second_ = std::move(text);
        } else {
            answers.push_back({kind, get<std::uint64_t>(body), std::move(text)});
        }
    }
}

Zone* WireReader::innermost() {
    auto& open = open_[thread_];
    if (open.empty()) {
        fail("something belongs to a zone, but none is open");
        return nullptr;
    }
    return &zones[thread_][open.back()];
}

void WireReader::begin(std::int64_t delta, std::uint64_t location) {
    reference_ += delta;
    auto& list = zones[thread_];
    auto& open = open_[thread_];
    if (!list.empty() && reference_ < list.back().start) fail("a zone starts before the one before it");
    if (location == 0) fail("a zone without a location");
    list.push_back({reference_, -1, location, open.size(), {}, {}, {}, 0});
    open.push_back(list.size() - 1);
}

void WireReader::end(std::int64_t delta) {
    reference_ += delta;
    Zone* const zone = innermost();
    if (zone == nullptr) return;
    if (reference_ < zone->start) fail("a zone ends before it starts");
    zone->end = reference_;
    open_[thread_].pop_back();
}

bool WireReader::event(WireEvent kind, const char* body) {
    constexpr std::int64_t kBias32 = 65536 + (std::int64_t{1} << 32);
    const auto unbias = [this](std::int64_t delta) {
        return dialect_.small_zone_deltas && delta >= 0 ? delta + kBias32 : delta;
    };
    const auto color = [](const char* at) {
        return static_cast<std::uint32_t>(get<std::uint8_t>(at) | get<std::uint8_t>(at + 1) << 8 |
                                          get<std::uint8_t>(at + 2) << 16);
    };
    const auto take_single = [this] {
        if (!single_) fail("a text is missing");
        std::string text = single_.value_or("");
        single_.reset();
        return text;
    };
    switch (kind) {
        case WireEvent::ThreadContext:
            thread_ = get<std::uint32_t>(body);
            reference_ = 0;
            break;
        case WireEvent::ZoneBegin:
            begin(unbias(get<std::int64_t>(body)), get<std::uint64_t>(body + 8));
            break;
        case WireEvent::ZoneBegin32:
            begin(std::int64_t{get<std::uint32_t>(body)} + 65536, get<std::uint64_t>(body + 4));
            break;
        case WireEvent::ZoneBegin16:
            begin(get<std::uint16_t>(body), get<std::uint64_t>(body + 2));
            break;
        case WireEvent::ZoneEnd:
            end(unbias(get<std::int64_t>(body)));
            break;
        case WireEvent::ZoneEnd32:
            end(std::int64_t{get<std::uint32_t>(body)} + 65536);
            break;
        case WireEvent::ZoneEnd16:
            end(get<std::uint16_t>(body));
            break;
        case WireEvent::ZoneText:
            if (Zone* const zone = innermost()) zone->text = take_single();
            break;
        case WireEvent::ZoneName:
            if (Zone* const zone = innermost()) zone->name = take_single();
            break;
        case WireEvent::ZoneValue:
            if (Zone* const zone = innermost()) zone->value = get<std::uint64_t>(body);
            break;
        case WireEvent::ZoneColor:
            if (Zone* const zone = innermost()) zone->color = color(body);
            break;
        case WireEvent::Message:
        case WireEvent::MessageColor: {
            const bool colored = kind == WireEvent::MessageColor;
            const int metadata = dialect_.message_metadata ? get<std::uint8_t>(body + (colored ? 11 : 8)) : -1;
            messages.push_back(
                {thread_, get<std::int64_t>(body), take_single(), colored ? color(body + 8) : 0, metadata});
            break;
        }
        case WireEvent::FrameMarkMsg:
        case WireEvent::FrameMarkMsgStart:
        case WireEvent::FrameMarkMsgEnd:
            marks.push_back({kind, get<std::int64_t>(body), get<std::uint64_t>(body + 8)});
            break;
        case WireEvent::Terminate:
            terminated = true;
            break;
        case WireEvent::CallstackFrameSize:
        case WireEvent::SymbolInformation:
            answers.push_back(
                {kind, get<std::uint64_t>(body + (kind == WireEvent::SymbolInformation ? 4 : 0)), take_single()});
            break;
        case WireEvent::CallstackFrame:
            if (!second_) fail("a second text is missing");
            second_.reset();
            answers.push_back({kind, get<std::uint64_t>(body + 4), take_single()});
            break;
        case WireEvent::SourceLocation:
            answers.push_back({kind, get<std::uint64_t>(body + 8), std::string(body, 31)});
            break;
        case WireEvent::AckServerQueryNoop:
        case WireEvent::AckSourceCodeNotAvailable:
        case WireEvent::AckSymbolCodeNotAvailable:
            answers.push_back({kind, 0, {}});
            break;
        case WireEvent::KeepAlive:
            break;
        default:
            fail("an event that a session never sends");
            return false;
    }
    return true;
}

}  // namespace tracypy::native_tests
