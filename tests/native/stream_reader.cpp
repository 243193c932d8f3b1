#include "stream_reader.hpp"

#include <lz4.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace tracypy::native_tests {
namespace {

using strict::Follows;

constexpr std::int64_t kBias16 = 65'536;
constexpr std::int64_t kBias32 = kBias16 + (std::int64_t{1} << 32);

const strict::Field* find(const strict::Event& event, std::string_view name) noexcept {
    for (const strict::Field& field : event.fields) {
        if (field.name == name) return &field;
    }
    return nullptr;
}

template <typename T>
std::int64_t read(const char* bytes) noexcept {
    T value;
    std::memcpy(&value, bytes, sizeof(value));
    return static_cast<std::int64_t>(value);
}

}  // namespace

bool SeenEvent::has(std::string_view field) const noexcept {
    return find(event, field) != nullptr;
}

std::int64_t SeenEvent::number(std::string_view name) const noexcept {
    const strict::Field* const field = find(event, name);
    if (field == nullptr) return 0;
    const char* const at = body + field->offset;
    switch (field->code[0]) {
        case 'B':
            return read<std::uint8_t>(at);
        case 'b':
            return read<std::int8_t>(at);
        case 'H':
            return read<std::uint16_t>(at);
        case 'I':
            return read<std::uint32_t>(at);
        case 'i':
            return read<std::int32_t>(at);
        default:
            return read<std::int64_t>(at);
    }
}

std::uint32_t SeenEvent::color() const noexcept {
    return static_cast<std::uint32_t>(number("red") << 16 | number("green") << 8 | number("blue"));
}

const strict::Protocol& StreamReader::tables(std::uint32_t number) {
    for (const strict::Protocol& protocol : strict::kProtocols) {
        if (protocol.number == number) return protocol;
    }
    throw std::invalid_argument("the strict viewer does not speak protocol " + std::to_string(number));
}

StreamReader::StreamReader(std::uint32_t protocol) : protocol_(tables(protocol)) {
    for (const strict::Event& event : protocol_.events) handlers_.push_back(handler(event.name));
}

std::size_t StreamReader::open_zones() const {
    std::size_t sum = 0;
    for (const auto& [thread, list] : open_) sum += list.size();
    return sum;
}

std::size_t StreamReader::total_zones() const {
    std::size_t sum = 0;
    for (const auto& [thread, list] : zones) sum += list.size();
    return sum;
}

void StreamReader::feed(std::span<const char> bytes) {
    input_.append(bytes.data(), bytes.size());
    std::size_t at = 0;
    while (input_.size() - at >= 4) {
        const auto size = static_cast<std::size_t>(read<std::uint32_t>(input_.data() + at));
        if (input_.size() - at - 4 < size) break;
        block({input_.data() + at + 4, size});
        at += 4 + size;
    }
    input_.erase(0, at);
}

void StreamReader::block(std::span<const char> packed) {
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

void StreamReader::events(const char* cursor, const char* const end) {
    while (cursor < end && error.empty()) {
        const auto number = static_cast<std::uint8_t>(*cursor);
        if (number >= protocol_.events.size()) return fail("no event has number " + std::to_string(number));
        const strict::Event& event = protocol_.events[number];
        if (end - cursor < event.size) return fail("an event is cut off");
        SeenEvent seen{event, cursor + 1, {}};
        cursor = tail(event, cursor + event.size, end, seen.tail);
        if (!error.empty()) return;
        ++counts[event.name];
        if (handlers_[number] == nullptr) return fail(std::string(event.name) + ", which a session never sends");
        handlers_[number](seen);
    }
}

const char* StreamReader::tail(const strict::Event& event, const char* cursor, const char* end,
                               std::string_view& bytes) {
    std::size_t width = 0;
    std::int64_t length = 0;
    const bool is_biased = protocol_.has_string_bias && event.fields.empty() && event.follows == Follows::Text16;
    if (event.follows == Follows::Text8) width = 1;
    if (event.follows == Follows::Text16) width = 2;
    if (event.follows == Follows::Data32) width = 4;
    if (static_cast<std::size_t>(end - cursor) < width) fail("the length of a text is cut off");
    if (!error.empty() || width == 0) return cursor;
    if (width == 1) length = read<std::uint8_t>(cursor);
    if (width == 2) length = read<std::uint16_t>(cursor) + (is_biased ? 256 : 0);
    if (width == 4) length = read<std::uint32_t>(cursor);
    cursor += width;
    if (end - cursor < length) {
        fail("a text is cut off");
        return cursor;
    }
    bytes = {cursor, static_cast<std::size_t>(length)};
    return cursor + length;
}

std::string StreamReader::take(std::optional<std::string>& text) {
    if (!text) fail("a text is missing");
    return std::exchange(text, std::nullopt).value_or("");
}

Zone* StreamReader::innermost() {
    auto& open = open_[thread_];
    if (open.empty()) {
        fail("something belongs to a zone, but none is open");
        return nullptr;
    }
    return &zones[thread_][open.back()];
}

void StreamReader::begin(std::int64_t delta, std::uint64_t location) {
    reference_ += delta;
    auto& list = zones[thread_];
    auto& open = open_[thread_];
    if (!list.empty() && reference_ < list.back().start) fail("a zone starts before the one before it");
    if (location == 0) fail("a zone without a location");
    list.push_back({reference_, -1, location, open.size(), {}, {}, {}, 0});
    open.push_back(list.size() - 1);
}

void StreamReader::end(std::int64_t delta) {
    reference_ += delta;
    Zone* const zone = innermost();
    if (zone == nullptr) return;
    if (reference_ < zone->start) fail("a zone ends before it starts");
    zone->end = reference_;
    open_[thread_].pop_back();
}

void StreamReader::message(const SeenEvent& seen) {
    const int metadata = seen.has("metadata") ? static_cast<int>(seen.number("metadata")) : -1;
    messages.push_back({thread_, seen.number("time"), take(single_), seen.color(), metadata});
}

StreamReader::Handler StreamReader::zone_handler(std::string_view name) {
    const auto wide = [this](std::int64_t delta) {
        return protocol_.has_zone_time_forms && delta >= 0 ? delta + kBias32 : delta;
    };
    const auto location = [](const SeenEvent& seen) { return static_cast<std::uint64_t>(seen.number("location")); };
    if (name == "ThreadContext") {
        return [this](const SeenEvent& seen) {
            thread_ = static_cast<std::uint32_t>(seen.number("thread"));
            reference_ = 0;
        };
    }
    if (name == "ZoneBegin")
        return [=, this](const SeenEvent& seen) { begin(wide(seen.number("time")), location(seen)); };
    if (name == "ZoneBegin32") {
        return [=, this](const SeenEvent& seen) { begin(seen.number("time") + kBias16, location(seen)); };
    }
    if (name == "ZoneBegin16") return [=, this](const SeenEvent& seen) { begin(seen.number("time"), location(seen)); };
    if (name == "ZoneEnd") return [=, this](const SeenEvent& seen) { end(wide(seen.number("time"))); };
    if (name == "ZoneEnd32") return [this](const SeenEvent& seen) { end(seen.number("time") + kBias16); };
    if (name == "ZoneEnd16") return [this](const SeenEvent& seen) { end(seen.number("time")); };
    return [this, name](const SeenEvent& seen) {
        Zone* const zone = innermost();
        if (zone == nullptr) return;
        if (name == "ZoneText") zone->text = take(single_);
        if (name == "ZoneName") zone->name = take(single_);
        if (name == "ZoneValue") zone->value = static_cast<std::uint64_t>(seen.number("value"));
        if (name == "ZoneColor") zone->color = seen.color();
    };
}

void StreamReader::answer(std::string_view kind, std::uint64_t pointer, std::string text) {
    if (!queries.answer(kind, pointer)) fail(std::string(kind) + ", which answers nothing that was asked");
    answers.push_back({kind, pointer, std::move(text)});
}

StreamReader::Handler StreamReader::answer_handler(std::string_view name) {
    const auto add = [this, name](std::int64_t pointer, std::string text) {
        answer(name, static_cast<std::uint64_t>(pointer), std::move(text));
    };
    if (name == "CallstackFrameSize") {
        return [=, this](const SeenEvent& seen) { add(seen.number("pointer"), take(single_)); };
    }
    if (name == "SymbolInformation") {
        return [=, this](const SeenEvent& seen) { add(seen.number("symbol"), take(single_)); };
    }
    if (name == "CallstackFrame") {
        return [=, this](const SeenEvent& seen) {
            (void)take(second_);
            add(seen.number("symbol"), take(single_));
        };
    }
    if (name == "SourceLocation") {
        return [=](const SeenEvent& seen) { add(seen.number("function"), std::string(seen.bytes())); };
    }
    if (name == "AckSourceCodeNotAvailable") return [=](const SeenEvent& seen) { add(seen.number("id"), {}); };
    return [=](const SeenEvent& seen) { add(seen.number("pointer"), std::string(seen.tail)); };
}

void StreamReader::memory_step(std::string_view name, const SeenEvent& seen) {
    if ((pool_ != 0) != name.ends_with("Named")) fail("a memory event, and the name of a pool that it does not use");
    serial_reference_ += seen.number("time");
    std::uint64_t size = 0;
    if (name.starts_with("MemAlloc")) std::memcpy(&size, seen.body + 20, 6);
    memory.push_back({name.starts_with("MemFree"), serial_reference_, std::exchange(pool_, 0),
                      static_cast<std::uint64_t>(seen.number("address")), size});
}

void StreamReader::image(const SeenEvent& seen) {
    const std::int64_t wanted = seen.number("width") * seen.number("height") / 2;
    if (static_cast<std::int64_t>(image_data_) != wanted) fail("an image whose data are of another size");
    image_bytes += std::exchange(image_data_, 0);
    images.push_back(static_cast<std::uint64_t>(seen.number("frame")));
}

StreamReader::Handler StreamReader::handler(std::string_view name) {
    if (name == "FrameImage") return [this](const SeenEvent& seen) { image(seen); };
    if (name == "FrameImageData") return [this](const SeenEvent& seen) { image_data_ = seen.tail.size(); };
    if (name == "ThreadContext" || name.starts_with("ZoneBegin") || name.starts_with("ZoneEnd")) {
        if (name.find("Callstack") != name.npos || name.find("Alloc") != name.npos) return nullptr;
        return zone_handler(name);
    }
    if (name == "ZoneText" || name == "ZoneName" || name == "ZoneValue" || name == "ZoneColor") {
        return zone_handler(name);
    }
    if (name == "Message" || name == "MessageColor") return [this](const SeenEvent& seen) { message(seen); };
    if (name.starts_with("FrameMarkMsg")) {
        return [this, name](const SeenEvent& seen) {
            marks.push_back({name, seen.number("time"), static_cast<std::uint64_t>(seen.number("name"))});
        };
    }
    if (name == "MemNamePayload") {
        return [this](const SeenEvent& seen) { pool_ = static_cast<std::uint64_t>(seen.number("pool")); };
    }
    if (name == "MemAlloc" || name == "MemAllocNamed" || name == "MemFree" || name == "MemFreeNamed") {
        return [this, name](const SeenEvent& seen) { memory_step(name, seen); };
    }
    if (name == "MessageAppInfo") {
        return [this](const SeenEvent& seen) { app_info.emplace_back(seen.number("time"), take(single_)); };
    }
    if (name == "PlotConfig") {
        return [this](const SeenEvent& seen) {
            plots.push_back({static_cast<std::uint64_t>(seen.number("name")), seen.number("kind"),
                             seen.number("step") != 0, seen.number("fill") != 0,
                             static_cast<std::uint32_t>(seen.number("colour"))});
        };
    }
    if (name.starts_with("SingleStringData") || name.starts_with("SecondStringData")) {
        return [this, name](const SeenEvent& seen) {
            std::optional<std::string>& text = name.starts_with("Single") ? single_ : second_;
            if (text) fail("two texts in a row of which none was used");
            text = seen.tail;
        };
    }
    if (name == "Terminate") return [this](const SeenEvent&) { terminated = true; };
    if (name == "KeepAlive") return [](const SeenEvent&) {};
    constexpr std::string_view kAnswers[] = {"StringData",         "ThreadName",         "PlotName",
                                             "FrameName",          "FiberName",          "ExternalName",
                                             "SourceLocation",     "ExternalThreadName", "SourceCode",
                                             "AckServerQueryNoop", "CallstackFrame",     "AckSourceCodeNotAvailable",
                                             "CallstackFrameSize", "SymbolInformation",  "AckSymbolCodeNotAvailable"};
    if (std::ranges::find(kAnswers, name) != std::end(kAnswers)) return answer_handler(name);
    return nullptr;
}

}  // namespace tracypy::native_tests
