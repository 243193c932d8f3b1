#include "journal/source_texts.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

#include "io/file_text.hpp"

namespace tracypy::journal {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMostBytes = 1024 * 1024;
constexpr std::size_t kMostBytesTogether = 64 * kMostBytes;

/// Whether the file is still the one that the program was made of.
bool is_as_it_was(const fs::path& path, std::uint64_t began_s) {
    std::error_code failed;
    const fs::file_time_type written = fs::last_write_time(path, failed);
    if (failed) return false;
    // By its age, since not every library can turn a time of files into one since 1970.
    const auto changed =
        std::chrono::system_clock::now().time_since_epoch() - (fs::file_time_type::clock::now() - written);
    return changed < std::chrono::seconds(began_s + 1);
}

std::optional<std::string> text_of(const fs::path& path, std::uint64_t began_s) {
    if (!path.is_absolute() || !is_as_it_was(path, began_s)) return std::nullopt;
    return io::text_of_file(path, kMostBytes);
}

}  // namespace

void add_source_texts(model::Trace& trace) {
    std::unordered_set<model::TextId> seen{model::TextId::None};
    for (const model::SourceFile& known : trace.source_files) seen.insert(trace.strings.intern(known.name));
    std::size_t bytes = 0;
    for (const model::SourceLocation& location : trace.locations) {
        if (!seen.insert(location.file).second) continue;
        const std::string_view name = trace.strings.at(location.file);
        std::optional<std::string> text = text_of(fs::path(name), trace.info.capture_time_s);
        if (!text || bytes + text->size() > kMostBytesTogether) continue;
        bytes += text->size();
        trace.source_files.push_back({std::string(name), *std::move(text)});
    }
}

}  // namespace tracypy::journal
