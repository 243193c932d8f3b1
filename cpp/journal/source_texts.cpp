#include "journal/source_texts.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

#include "base/error.hpp"
#include "io/file_stream.hpp"

namespace tracypy::journal {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMostBytes = 1024 * 1024;
constexpr std::size_t kMostBytesTogether = 64 * kMostBytes;

/// An ordinary file: reading another one might never end, or change something.
bool is_as_it_was(const fs::path& path, std::uint64_t began_s) {
    std::error_code failed;
    if (!path.is_absolute() || !fs::is_regular_file(path, failed)) return false;
    if (fs::file_size(path, failed) > kMostBytes || failed) return false;
    // By its age, since not every library can turn a time of files into one since 1970.
    const auto age = fs::file_time_type::clock::now() - fs::last_write_time(path, failed);
    const auto changed = std::chrono::system_clock::now().time_since_epoch() - age;
    return !failed && changed < std::chrono::seconds(began_s + 1);
}

std::optional<std::string> text_of(const fs::path& path, std::uint64_t began_s) {
    try {
        if (!is_as_it_was(path, began_s)) return std::nullopt;
        io::FileSource file(path);
        std::string text(static_cast<std::size_t>(file.size()), '\0');
        text.resize(file.read(text.data(), text.size()));
        return text;
    } catch (const base::Error&) {
        return std::nullopt;  // it may be gone, or not be ours to read: the trace is whole without it
    } catch (const fs::filesystem_error&) {
        return std::nullopt;  // a name that no file can have
    }
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
