#include "synthetic_program.hpp"

#include <utility>

namespace tracypy::native_tests {

using events::Word;

bool SyntheticProgram::attach() {
    if (refusing_) return false;
    const std::lock_guard lock(mutex_);
    words_.clear();
    marks_.clear();
    ++attaches_;
    recording_ = true;
    return true;
}

void SyntheticProgram::detach() {
    ++detaches_;
    recording_ = false;
}

std::size_t SyntheticProgram::drain(events::EventSink& sink, std::size_t max_words) {
    std::map<base::ThreadId, std::vector<Word>> taken;
    std::vector<events::FrameMark> marks;
    {
        const std::lock_guard lock(mutex_);
        std::size_t sum = 0;
        while (!words_.empty() && sum < max_words) {
            auto node = words_.extract(words_.begin());
            sum += node.mapped().size();
            taken.insert(std::move(node));
        }
        marks.swap(marks_);
    }
    std::size_t words = marks.size();
    for (const auto& [thread, list] : taken) {
        words += list.size();
        sink.thread_batch({thread, list});
    }
    if (!marks.empty()) sink.take(marks);
    return words;
}

base::SourceLocationId SyntheticProgram::location(std::string_view name, std::uint32_t line, std::uint32_t color) {
    base::SourceLocation location;
    location.function = names_.strings.intern(name);
    location.file = names_.strings.intern("synthetic.py");
    location.line = line;
    location.color = color;
    return names_.locations.intern(location);
}

template <events::ThreadEvent Event>
void SyntheticProgram::add(base::ThreadId thread, const Event& event) {
    if (!recording_) return;
    const std::lock_guard lock(mutex_);
    events::append(words_[thread], event);
}

void SyntheticProgram::begin(base::ThreadId thread, base::SourceLocationId location) {
    add(thread, events::ZoneBegin{base::now_ticks(), location});
}

void SyntheticProgram::end(base::ThreadId thread) {
    add(thread, events::ZoneEnd{base::now_ticks()});
}

void SyntheticProgram::text(base::ThreadId thread, std::string_view text) {
    add(thread, events::ZoneText{text});
}

void SyntheticProgram::name(base::ThreadId thread, std::string_view name) {
    add(thread, events::ZoneName{name});
}

void SyntheticProgram::value(base::ThreadId thread, std::uint64_t value) {
    add(thread, events::ZoneValue{value});
}

void SyntheticProgram::color(base::ThreadId thread, std::uint32_t color) {
    add(thread, events::ZoneColor{color});
}

void SyntheticProgram::message(base::ThreadId thread, std::string_view text, std::uint32_t color) {
    add(thread, events::Message{base::now_ticks(), color, text});
}

void SyntheticProgram::frame(events::FrameMarkKind kind, std::string_view name) {
    if (!recording_) {
        if (name.empty()) ++frames_;
        return;
    }
    const base::StringId id = name.empty() ? base::StringId::None : names_.strings.intern(name);
    const std::lock_guard lock(mutex_);
    marks_.push_back({base::now_ticks(), id, kind});
}

void SyntheticProgram::raw(base::ThreadId thread, std::vector<Word> words) {
    const std::lock_guard lock(mutex_);
    std::vector<Word>& list = words_[thread];
    list.insert(list.end(), words.begin(), words.end());
}

std::size_t SyntheticProgram::backlog() const {
    const std::lock_guard lock(mutex_);
    std::size_t words = 0;
    for (const auto& [thread, list] : words_) words += list.size();
    return words;
}

}  // namespace tracypy::native_tests
