#include "protocol/captured_sources.hpp"

namespace tracypy::protocol {

void CapturedSources::ask(std::string_view file, const std::string_view* image) {
    if (received_.contains(std::string(file))) return;
    constexpr std::size_t kBytesEach = 512;
    bytes_ += kBytesEach + 4 * file.size();  // with its queries
    if (image != nullptr) queries_.ask_about(*image);
    queries_.ask_about(file);
    queries_.ask(QueryKind::SourceCode, next_);
    files_.emplace(next_++, file);
}

void CapturedSources::named(std::uint64_t pointer, const std::string_view* text) {
    if (!is_enabled_ || pointer == 0 || !names_.strings.has_room()) return;
    if (text == nullptr) {
        awaited_pointers_.insert(pointer);
    } else if (asked_pointers_.insert(pointer).second) {
        ask(*text, nullptr);
    }
}

void CapturedSources::text_came(std::uint64_t pointer, std::string_view text) {
    if (!is_enabled_ || awaited_pointers_.erase(pointer) == 0) return;
    asked_pointers_.insert(pointer);
    ask(text, nullptr);
}

void CapturedSources::told(std::string_view file, const std::string_view* image) {
    if (is_enabled_ && names_.strings.has_room() && asked_texts_.emplace(file).second) ask(file, image);
}

void CapturedSources::answered(std::uint32_t id, std::string_view text) {
    queries_.answered(QueryKind::SourceCode, id);
    const auto file = files_.extract(id);
    if (!received_.insert(file.mapped()).second) return;
    names_.native.body_bytes += text.size();
    names_.native.sources.push_back({names_.keep(file.mapped()), std::string(text)});
}

void CapturedSources::not_available(std::uint32_t id) {
    queries_.answered(QueryKind::SourceCode, id);
    files_.erase(id);
}

}  // namespace tracypy::protocol
