#include "protocol/captured_names.hpp"

#include "protocol/peer_error.hpp"
#include "protocol/wire_bytes.hpp"

namespace tracypy::protocol {

using base::StringId;

CapturedNames::Text& CapturedNames::entry(std::uint64_t pointer) {
    const auto known = texts_.find(pointer);
    if (known != texts_.end()) return known->second;
    if (!names_.strings.has_room()) {
        ++names_.left_out;
        return no_room_ = {names_.strings.intern(base::Names::kNoRoom), true, true};
    }
    return texts_.emplace(pointer, Text{names_.strings.reserve(), false, false}).first->second;
}

StringId CapturedNames::text(std::uint64_t pointer) {
    if (pointer == 0) return StringId::None;
    Text& text = entry(pointer);
    if (!text.is_known && !text.is_asked) {
        text.is_asked = true;
        queries_.ask(QueryKind::String, pointer);
    }
    return text.id;
}

StringId CapturedNames::named(QueryKind kind, std::uint64_t pointer) {
    Text& text = entry(pointer);
    if (&text != &no_room_) queries_.ask(kind, pointer);
    return text.id;
}

void CapturedNames::text_answered(QueryKind kind, std::uint64_t pointer, std::string_view text) {
    queries_.answered(kind, pointer);
    Text& known = entry(pointer);
    if (known.is_known) return;
    known.is_known = true;
    names_.strings.fill(known.id, text);
    if (kind == QueryKind::String) sources_.text_came(pointer, text);
}

base::SourceLocationId CapturedNames::find_location(std::uint64_t pointer) {
    auto found = locations_.find(pointer);
    if (found == locations_.end()) {
        if (!names_.strings.has_room() || !names_.locations.has_room()) {
            ++names_.left_out;
            return base::SourceLocationId::Other;
        }
        found = locations_.emplace(pointer, Location{names_.locations.reserve(), false}).first;
        if (pointer != 0) queries_.ask(QueryKind::SourceLocation, pointer);
    }
    recent_[place_of(pointer)] = {pointer, found->second.id};
    return found->second.id;
}

void CapturedNames::location_answered(const Incoming<WireEvent::SourceLocation>& event) {
    Location& location = locations_.at(queries_.location_answered());
    base::SourceLocation content;
    content.name = text(event.get<"name">());
    content.file = text(event.get<"file">());
    name_source(event.get<"file">());
    content.function = text(event.get<"function">());
    content.line = event.get<"line">();
    content.color = event.get<"color">();
    location.is_known = true;
    names_.locations.fill(location.id, content);
}

void CapturedNames::name_source(std::uint64_t file) {
    if (file == 0) return;
    const Text& text = entry(file);
    const std::string_view known = text.is_known ? names_.strings.find(text.id).text : std::string_view();
    sources_.named(file, text.is_known ? &known : nullptr);
}

base::SourceLocationId CapturedNames::dynamic_location(std::string_view payload) {
    constexpr std::size_t kNumbers = 8;
    base::NewLocation content;
    const std::size_t function_end = payload.find('\0', kNumbers);
    const std::size_t file_end =
        function_end == std::string_view::npos ? function_end : payload.find('\0', function_end + 1);
    if (payload.size() < kNumbers || file_end == std::string_view::npos) {
        throw PeerError("a source location of " + std::to_string(payload.size()) + " bytes that is not whole");
    }
    content.color = load<FieldType::U24>(payload.data());
    content.line = load<FieldType::U32>(payload.data() + 4);
    content.function = payload.substr(kNumbers, function_end - kNumbers);
    content.file = payload.substr(function_end + 1, file_end - function_end - 1);
    sources_.told(content.file);
    const std::string_view name = payload.substr(file_end + 1);
    if (!name.empty()) content.name = &name;
    const base::SourceLocationId located = names_.locate(content);
    if (located == base::SourceLocationId::Other) ++names_.left_out;
    return located;
}

StringId CapturedNames::unknown() {
    return names_.strings.intern(kUnknown);
}

void CapturedNames::finish() {
    for (auto& [pointer, text] : texts_) {
        if (!text.is_known) names_.strings.fill(text.id, kUnknown);
    }
    for (auto& [pointer, location] : locations_) {
        if (!location.is_known) names_.locations.fill(location.id, {StringId::None, unknown(), unknown(), 0, 0});
    }
}

}  // namespace tracypy::protocol
