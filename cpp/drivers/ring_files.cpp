#include "drivers/ring_files.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <system_error>
#include <utility>

#include "io/file_errors.hpp"
#include "io/joined_source.hpp"
#include "io/part_file.hpp"
#include "journal/format.hpp"

namespace tracypy::drivers {
namespace {

namespace fs = std::filesystem;

/// Of a segment of that journal.
std::optional<std::uint64_t> number_of(const std::string& name, const std::string& journal) {
    if (!name.starts_with(journal) || name.size() < journal.size() + 2 || name[journal.size()] != '.') return {};
    std::uint64_t number = 0;
    const char* const end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data() + journal.size() + 1, end, number);
    if (error != std::errc() || stop != end) return {};
    return number;
}

}  // namespace

std::vector<fs::path> segments_of(const fs::path& journal) {
    std::vector<std::pair<std::uint64_t, fs::path>> found;
    std::error_code error;
    const std::string name = io::text_of(journal.filename());
    fs::directory_iterator entry(journal.has_parent_path() ? journal.parent_path() : fs::path("."), error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
        if (const auto number = number_of(io::text_of(entry->path().filename()), name)) {
            found.emplace_back(*number, entry->path());
        }
    }
    std::sort(found.begin(), found.end());
    std::vector<fs::path> paths;
    std::uint64_t next = found.empty() ? 0 : found.front().first;
    for (auto& [number, path] : found) {
        if (number != next) paths.clear();  // what is before a gap belongs to what was long ago
        paths.push_back(std::move(path));
        next = number + 1;
    }
    return paths;
}

std::unique_ptr<io::SeekableSource> source_of(const std::vector<fs::path>& segments) {
    auto joined = std::make_unique<io::JoinedSource>();
    for (const fs::path& segment : segments) joined->add(std::make_unique<io::FileSource>(segment));
    return joined;
}

bool is_ring(const fs::path& journal) {
    std::error_code error;
    return fs::file_size(journal, error) == journal::kHeadBytes && !error && !segments_of(journal).empty();
}

void remove_segments(const fs::path& journal) {
    std::error_code ignored;
    for (const fs::path& segment : segments_of(journal)) fs::remove(segment, ignored);
}

RingFiles::RingFiles(fs::path path) : path_(std::move(path)) {
    remove_segments(path_);
}

fs::path RingFiles::path_of(std::uint64_t number) const {
    fs::path path = path_;
    return path += "." + std::to_string(number + 1);
}

io::ByteSink& RingFiles::begin(std::uint64_t number) {
    const fs::path path = path_of(number);
    sink_.reset();
    io::make_folder_of(path);
    sink_.emplace(path, io::FileSink::Existing::Replace, io::FileSink::Buffering::None);
    segments_.push_back({number, std::make_unique<io::FileSource>(path)});
    return *sink_;
}

void RingFiles::forget(std::uint64_t number) noexcept {
    while (!segments_.empty() && segments_.front().number <= number) {
        const io::FileSource& file = *segments_.front().file;
        std::error_code ignored;
        if (file.is_in_place()) {
            fs::remove(path_of(segments_.front().number), ignored);
        } else if (file.is_own()) {
            io::remove_wherever_it_is(file.descriptor());
        }
        segments_.pop_front();
    }
}

std::unique_ptr<io::SeekableSource> RingFiles::source() const {
    auto joined = std::make_unique<io::JoinedSource>();
    for (const Segment& segment : segments_) joined->add(segment.file->again());
    return joined;
}

void RingFiles::remove_all() noexcept {
    sink_.reset();
    if (!segments_.empty()) forget(segments_.back().number);
}

void RingFiles::abandon() noexcept {
    if (sink_) sink_->abandon();
    for (const Segment& segment : segments_) segment.file->abandon();
}

}  // namespace tracypy::drivers
