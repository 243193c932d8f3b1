#include "drivers/gathered_events.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <type_traits>

namespace tracypy::drivers {
namespace {

/// What a name reads that the client has not told.
constexpr std::string_view kNameless = "???";
/// Where the numbers of fibers begin: no system numbers its threads so high.
constexpr std::uint32_t kFirstFiber = 0x6000'0000;

std::string_view known_text(const base::Names& names, base::StringId id) {
    const std::string_view text = names.strings.find(id).text;
    return text.empty() ? kNameless : text;
}

}  // namespace

/// Writes the words of one batch anew.
class GatheredEvents::Visitor {
public:
    explicit Visitor(GatheredEvents& all) noexcept : all_(&all) {}

    void on(events::ZoneBegin begin) {
        all_->translate(begin);
        const bool is_near = last_tick_ >= 0 && begin.tick - last_tick_ <= INT32_MAX;
        is_near ? events::append_near(all_->words_, begin) : events::append(all_->words_, begin);
        last_tick_ = begin.tick;
    }
    template <events::ThreadEvent Event>
    void on(const Event& event) {
        write(event);
    }
    /// A program's message may be a text of its own that comes later: it is there by now.
    void on(events::Message message) {
        if (message.literal != base::StringId::None) {
            message.text = known_text(all_->names_, message.literal);
            message.literal = base::StringId::None;
        }
        write(message);
    }
    void dropped() noexcept {}

private:
    template <events::ThreadEvent Event>
    void write(Event event) {
        all_->translate(event);
        events::append(all_->words_, event);
        if constexpr (requires { event.tick; }) last_tick_ = event.tick;
    }

    GatheredEvents* all_;
    base::Ticks last_tick_ = -1;
};

GatheredEvents::Row& GatheredEvents::row(base::ThreadId thread) {
    const auto found = known_rows_.find(thread);
    if (found != known_rows_.end()) return found->second;
    const events::SteadyWalk walk{base::SteadyClock(0)};
    return known_rows_.emplace(thread, Row{thread, walk}).first->second;
}

void GatheredEvents::note_row(const events::ThreadFacts& facts) {
    Row& known = row(facts.thread);
    known.number = facts.is_fiber ? static_cast<base::ThreadId>(kFirstFiber + static_cast<std::uint32_t>(facts.thread))
                                  : static_cast<base::ThreadId>(facts.id);
    rows_.name_row(known.number, names_.threads.find(facts.thread));
}

void GatheredEvents::name_rows() {
    if (names_.threads.version() == names_version_) return;
    names_version_ = names_.threads.version();
    for (const auto& [thread, known] : known_rows_) rows_.name_row(known.number, names_.threads.find(thread));
}

base::StringId GatheredEvents::text(base::StringId id) {
    if (id == base::StringId::None) return id;
    const auto [entry, is_new] = texts_.try_emplace(id, base::StringId::None);
    if (is_new) {
        entry->second = rows_.numbers().memory().intern(root_, known_text(names_, id));
        if (entry->second == base::StringId::None) {
            ++left_out_names_;
            entry->second = root_.strings.intern(base::Names::kNoRoom);
        }
    }
    return entry->second;
}

base::SourceLocationId GatheredEvents::location(base::SourceLocationId id) {
    const auto index = static_cast<std::size_t>(id);
    if (index < locations_.size() && locations_[index] != kNotAsked) [[likely]] {
        return locations_[index];
    }
    const auto found = names_.locations.find(id);
    if (!found) return base::SourceLocationId::Other;
    if (index >= locations_.size()) locations_.resize(2 * index + 64, kNotAsked);
    const std::string_view name = found->name != base::StringId::None ? known_text(names_, found->name) : "";
    locations_[index] =
        rows_.numbers().memory().locate(root_, {known_text(names_, found->function), known_text(names_, found->file),
                                                found->line, found->color, name.empty() ? nullptr : &name});
    if (locations_[index] == base::SourceLocationId::Other && index != 0) ++left_out_names_;
    return locations_[index];
}

std::size_t GatheredEvents::bytes() const noexcept {
    constexpr std::size_t kBytesOfRow = 128, kBytesOfText = 64, kBytesOfFrame = 8;
    std::size_t bytes = known_rows_.size() * kBytesOfRow + texts_.size() * kBytesOfText +
                        frames_.size() * kBytesOfFrame + locations_.capacity() * sizeof(locations_[0]);
    for (const WaitingImage& waiting : waiting_images_) bytes += waiting.picture.size();
    return bytes + locks_.bytes() + natives_.bytes();
}

template <typename Event>
void GatheredEvents::translate(Event& event) {
    each_field(event, [this](auto& field) {
        using Field = std::remove_reference_t<decltype(field)>;
        if constexpr (std::is_same_v<Field, base::StringId>) field = text(field);
        if constexpr (std::is_same_v<Field, base::SourceLocationId>) field = location(field);
        if constexpr (std::is_same_v<Field, base::CallstackId>) field = natives_.callstack(field);
        if constexpr (std::is_same_v<Field, base::CodeAddress>) field = natives_.place(field);
        if constexpr (std::is_same_v<Field, base::Ticks>) field = tick(field);
        if constexpr (std::is_same_v<Field, base::ThreadId>) {
            // GatheredKinds has but the number of a GPU zone's thread.
            constexpr bool kIsNumber = std::is_same_v<Event, events::GpuStep>;
            if (field != base::ThreadId::None) field = rows_.row_of(kIsNumber ? field : row(field).number);
        }
    });
    translate_more(event);
}

// Nanoseconds since the client's start there, signed ticks of the processor here.
void GatheredEvents::translate_more(events::GpuStep& step) noexcept {
    if (step.action != events::GpuAction::Times) return;
    step.gpu_begin = static_cast<std::uint64_t>(gpu_tick(step.gpu_begin));
    step.gpu_end = static_cast<std::uint64_t>(gpu_tick(step.gpu_end));
}

base::Ticks GatheredEvents::gpu_tick(std::uint64_t ns) const noexcept {
    return tick(
        static_cast<base::Ticks>(std::llround(static_cast<double>(static_cast<std::int64_t>(ns)) / ns_per_tick_)));
}

// A picture belongs to the frame that lasts at its time: frames of before the session, which lie at its begin, must not
// be at one moment.
void GatheredEvents::take_mark(events::FrameMark mark) {
    translate(mark);
    const bool is_of_default_set = mark.name == base::StringId::None;
    if (is_of_default_set) {
        mark.ticks = std::max(mark.ticks, next_frame_);
        next_frame_ = mark.ticks + kApart;
        if (frames_.size() == kMostFrames) {
            frames_.pop_front();
            ++forgotten_frames_;
        }
        frames_.push_back(mark.ticks);
    }
    static_cast<events::EventSink&>(rows_).take({&mark, 1});
    if (is_of_default_set) take_waiting_images();
}

// Two samples of one moment are halves of one stack. A client whose system samples by another clock than it reads says
// times from before its begin: they are there, and in order.
void GatheredEvents::take_sample(events::Sample sample) {
    if (sample.ticks == 0) sample.ticks = ++timeless_samples_ * kApart;
    hand_on(sample);
}

// The client counts its frames; those before the connection are none here. A picture may come before the mark of its
// frame: another thread of the client sends it.
void GatheredEvents::take_image(const events::FrameImage& image) {
    const std::uint64_t before = start_frames_ + forgotten_frames_;
    if (image.offset < before) {
        ++lost_images_;
    } else if (image.offset - before < frames_.size()) {
        hand_on_image(image);
    } else if (waiting_images_.size() < kMostWaiting) {
        waiting_images_.push_back({image, std::string(image.text)});
    } else {
        ++lost_images_;
    }
}

void GatheredEvents::hand_on_image(events::FrameImage image) {
    image.ticks = frames_[static_cast<std::size_t>(image.offset - start_frames_ - forgotten_frames_)];
    image.offset = 0;
    static_cast<events::EventSink&>(rows_).take({&image, 1});
}

void GatheredEvents::take_waiting_images() {
    std::erase_if(waiting_images_, [this](WaitingImage& waiting) {
        if (waiting.image.offset - start_frames_ - forgotten_frames_ >= frames_.size()) return false;
        waiting.image.text = waiting.picture;
        hand_on_image(waiting.image);
        return true;
    });
}

void GatheredEvents::thread_batch(const events::ThreadBatch& batch) {
    Row& known = row(batch.thread);
    words_.clear();
    Visitor visitor(*this);
    known.walk.walk(batch.words, visitor);
    const base::ThreadId carrier =
        batch.carrier != base::ThreadId::None ? rows_.row_of(row(batch.carrier).number) : base::ThreadId::None;
    rows_.thread_batch({rows_.row_of(known.number), words_, carrier});
}

}  // namespace tracypy::drivers
