#include "journal/journal_writer.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "journal/fields.hpp"

namespace tracypy::journal {
namespace {

/// A clock reading takes 40 bytes as a packet of its own, also when nothing happens: this makes 1.4 MB in an hour.
constexpr std::int64_t kClockEveryNs = 100'000'000;

/// More threads than this at once have their events put into packets early, so that memory stays bounded.
constexpr std::size_t kMaxWaitingThreads = 16;

/// Notes are few; this is where a burst of new functions is cut.
constexpr std::size_t kNotesBytes = 64 * 1024;

constexpr std::size_t kMaxTextBytes = base::StringTable::kMaxStringBytes;

template <typename T>
char* put(char* cursor, T value) noexcept {
    std::memcpy(cursor, &value, sizeof(T));
    return cursor + sizeof(T);
}

char* put_ticks(char* cursor, base::Ticks delta) noexcept {
    const auto ticks = static_cast<std::uint64_t>(delta);
    if (ticks < kWide32) [[likely]] {
        return put(cursor, static_cast<std::uint16_t>(ticks));
    }
    if (ticks <= UINT32_MAX) return put(put(cursor, kWide32), static_cast<std::uint32_t>(ticks));
    return put(put(cursor, kWide64), ticks);
}

char* put_code(char* cursor, std::uint32_t code) noexcept {
    if (code < 0x80) [[likely]] {
        return put(cursor, static_cast<std::uint8_t>(code));
    }
    return put_number(cursor, code);
}

void put_time(std::string& output, base::Ticks ticks, base::Ticks start) {
    put_fixed(output, static_cast<std::int64_t>(std::max(ticks, start) - start));
}

}  // namespace

/// A packet of events in the making. Below its limit a column has room for any one event.
struct JournalWriter::Columns {
    static constexpr std::size_t kWhatBytes = 32 * 1024;
    static constexpr std::size_t kWhenBytes = 64 * 1024;
    static constexpr std::size_t kMostFields = 16;
    static constexpr std::size_t kLargestEvent = kMaxTextBytes + kMostFields * kMaxNumberBytes;
    static_assert(events::layout::kMostFieldWords + 3 <= kMostFields);  // code, kind and length
    static constexpr std::size_t kHeadBytes = 1 + 3 * kMaxNumberBytes;
    static_assert(kWhatBytes + kLargestEvent + kWhenBytes + kMaxNumberBytes + kHeadBytes <= kMaxPacketBytes);

    /// How far the columns are filled.
    struct Position {
        char* what;
        char* when;
        base::Ticks last_tick;
    };
    bool has_room(const Position& at) const noexcept {
        return at.what < what_bytes.data() + kWhatBytes && at.when < when_bytes.data() + kWhenBytes;
    }
    void restart(base::Ticks tick) noexcept {
        reference = tick;
        filled = {what_bytes.data(), when_bytes.data(), tick};
    }
    std::string_view what_so_far() const noexcept {
        return {what_bytes.data(), static_cast<std::size_t>(filled.what - what_bytes.data())};
    }
    std::string_view when_so_far() const noexcept {
        return {when_bytes.data(), static_cast<std::size_t>(filled.when - when_bytes.data())};
    }

    base::Ticks reference = 0;
    Position filled{};
    std::array<char, kWhatBytes + kLargestEvent> what_bytes;
    std::array<char, kWhenBytes + kMaxNumberBytes> when_bytes;
};

inline std::uint32_t JournalWriter::location_code(std::uint64_t id) {
    if (id < location_codes_.size() && location_codes_[id] != 0) [[likely]] {
        return location_codes_[id];
    }
    return define_location(id);
}

/// How events name texts, locations and call stacks, which are defined before.
struct JournalWriter::Numbers {
    std::uint64_t number_of(base::StringId id) const { return writer.define_text(id); }
    std::uint64_t number_of(base::SourceLocationId id) const {
        return writer.location_code(static_cast<std::uint64_t>(id)) - kFirstLocationCode;
    }
    std::uint64_t number_of(base::CallstackId id) const { return writer.define_callstack(id); }
    base::Ticks start() const noexcept { return writer.start_; }

    JournalWriter& writer;
};

// What is to be defined first is a note of its own, and needs the scratch.
template <typename Event>
void JournalWriter::put_fields(const Event& event) {
    each_field(event, [&](const auto& field) { define(field); });
    fields_.clear();
    each_field(event, [this](const auto& field) {
        if constexpr (!(events::ThreadEvent<Event> && kIsTick<decltype(field)>))
            put_field(fields_, field, Numbers{*this});
    });
}

/// Encodes what happens on one thread.
class JournalWriter::Visitor {
public:
    Visitor(JournalWriter& writer, Thread& thread) noexcept
        : writer_(&writer), thread_(&thread), columns_(thread.waiting.get()), at_(columns_->filled) {}

    void on(const events::ZoneBegin& zone) {
        make_room();
        at_.what = put_code(at_.what, writer_->location_code(static_cast<std::uint64_t>(zone.location)));
        put_time(zone.tick);
        ++writer_->zones_;
    }
    void on(const events::ZoneBeginCallstack& zone) {
        rare_event(zone);
        ++writer_->zones_;
    }
    void on(const events::ZoneEnd& zone) {
        make_room();
        at_.what = put(at_.what, kCodeEnd);
        put_time(zone.tick);
    }
    template <events::ThreadEvent Event>
    void on(const Event& event) {
        rare_event(event);
    }
    void dropped() noexcept { ++writer_->dropped_events_; }

    void finish() noexcept { columns_->filled = at_; }

private:
    template <typename Event>
    static constexpr bool kIsTimed = !events::ZoneDetail<Event>;

    template <events::ThreadEvent Event>
    void rare_event(const Event& event) {
        writer_->put_fields(event);
        make_room();
        const std::string& fields = writer_->fields_;
        at_.what = put(at_.what, kCodeRare);
        at_.what = put(at_.what, head_of(event));
        at_.what = put_number(at_.what, fields.size());
        at_.what = std::copy(fields.begin(), fields.end(), at_.what);
        writer_->fields_.clear();
        if constexpr (kIsTimed<Event>) put_time(event.tick);
    }
    void make_room() {
        if (columns_->has_room(at_)) [[likely]] {
            return;
        }
        columns_->filled = at_;
        writer_->end_events_packet(*thread_);
        columns_->restart(at_.last_tick);
        at_ = columns_->filled;
    }
    void put_time(base::Ticks tick) noexcept {
        at_.when = put_ticks(at_.when, tick - at_.last_tick);
        at_.last_tick = tick;
    }
    template <typename Event>
    static std::uint8_t head_of(const Event&) noexcept {
        return static_cast<std::uint8_t>(Event::kKind) | (kIsTimed<Event> ? kHasTime : 0);
    }

    JournalWriter* writer_;
    Thread* thread_;
    Columns* columns_;
    Columns::Position at_;
};

namespace {

struct FactWriter {
    std::string& fields;

    void operator()(const std::string& text) { put_text(fields, std::string_view(text).substr(0, kMaxTextBytes)); }
    void operator()(const std::uint64_t& number) { put_number(fields, number); }
    template <typename T>
    void operator()(const T& value) {
        put_fixed(fields, value);
    }
};

}  // namespace

JournalWriter::JournalWriter(io::ByteSink& sink, const base::Names& names, const JournalInfo& info,
                             std::optional<base::Ticks> segment)
    : sink_(sink), names_(names), start_(info.start) {
    append_head(output_, segment ? kRingVersion : kVersion);
    put_fixed(fields_, info.start);
    put_fixed(fields_, info.first_reading.ticks);
    put_fixed(fields_, info.first_reading.nanoseconds);
    each_fact(info.about, FactWriter{fields_});
    add_note(Note::Recording);
    if (info.about.clock) {
        put_text(fields_, info.about.clock->machine);
        put_fixed(fields_, info.about.clock->unix_ns);
        add_note(Note::Machine);
    }
    if (info.with_sources) add_note(Note::Sources);
    if (segment) {
        put_time(fields_, *segment, start_);
        add_note(Note::Segment);
    }
    if (info.second_reading) note_clock(*info.second_reading);
    end_notes_packet();
    location_code(0);  // "other functions" has to be there for whatever does not fit
    end_notes_packet();
    write_output();
}

JournalWriter::~JournalWriter() = default;

JournalWriter::Thread& JournalWriter::thread_of(base::ThreadId id) {
    if (last_thread_ != nullptr && last_thread_->id == id) return *last_thread_;
    const events::SteadyWalk walk{base::SteadyClock(start_)};
    const auto [entry, is_new] = threads_.try_emplace(id, Thread{id, walk, {}, {}});
    last_thread_ = &entry->second;
    if (is_new) define_thread_name(*last_thread_);
    return *last_thread_;
}

void JournalWriter::provide_columns(Thread& thread) {
    if (thread.waiting != nullptr) return;
    if (waiting_.size() == kMaxWaitingThreads) end_all_packets();
    if (free_columns_.empty()) free_columns_.push_back(std::make_unique<Columns>());
    thread.waiting = std::move(free_columns_.back());
    free_columns_.pop_back();
    thread.waiting->restart(thread.walk.last_tick());
    waiting_.push_back(&thread);
}

std::uint32_t JournalWriter::define_location(std::uint64_t id) {
    constexpr std::size_t kMax = base::SourceLocationTable::kMaxLocations;
    const auto found = names_.locations.find(static_cast<base::SourceLocationId>(id));
    if (!found || id >= kMax) return kFirstLocationCode;
    if (id >= location_codes_.size()) location_codes_.resize(std::min(kMax, 2 * static_cast<std::size_t>(id) + 64), 0);
    const std::uint64_t name = define_text(found->name);
    const std::uint64_t function = define_text(found->function);
    const std::uint64_t file = define_text(found->file);
    for (const std::uint64_t text : {name, function, file}) put_number(fields_, text);
    put_number(fields_, found->line);
    put_number(fields_, found->color);
    add_note(Note::Location);
    return location_codes_[id] = kFirstLocationCode + locations_++;
}

std::uint64_t JournalWriter::define_text(base::StringId id) {
    if (id == base::StringId::None) return 0;
    const auto [entry, is_new] = texts_.try_emplace(id, texts_.size() + 1);
    if (is_new) {
        put_text(fields_, names_.strings.find(id).text);
        add_note(Note::Text);
    }
    return entry->second;
}

std::uint64_t JournalWriter::define_frame(base::StackFrameId id) {
    const auto [entry, is_new] = frames_.try_emplace(id, frames_.size());
    if (is_new) {
        const base::StackFrame frame = names_.callstacks.frame(id).value_or(base::StackFrame{});
        if (frame.native != 0) {
            define_native(names_.callstacks.native(frame.native));
            return entry->second;
        }
        const std::uint64_t location = Numbers{*this}.number_of(frame.location);
        put_number(fields_, location);
        put_number(fields_, frame.line);
        add_note(Note::StackFrame);
    }
    return entry->second;
}

void JournalWriter::define_native(const base::NativeAddress& address) {
    std::vector<std::uint64_t> numbers{address.address, define_text(address.image), address.frames.size()};
    for (const base::NativeFrame& frame : address.frames) {
        const std::uint64_t function = define_text(frame.function);
        numbers.insert(numbers.end(), {function, define_text(frame.file), frame.line, frame.symbol});
    }
    for (const std::uint64_t number : numbers) put_number(fields_, number);
    add_note(Note::NativeFrame);
}

std::uint64_t JournalWriter::define_callstack(base::CallstackId id) {
    if (id == base::CallstackId::None) return 0;
    const auto [entry, is_new] = callstacks_.try_emplace(id, callstacks_.size() + 1);
    if (is_new) {
        const std::span<const base::StackFrameId> frames = names_.callstacks.find(id);
        for (const base::StackFrameId frame : frames) define_frame(frame);
        put_number(fields_, frames.size());
        for (const base::StackFrameId frame : frames) put_number(fields_, define_frame(frame));
        add_note(Note::Callstack);
    }
    return entry->second;
}

void JournalWriter::define_thread_name(Thread& thread) {
    thread.name = names_.threads.find(thread.id);
    put_number(fields_, static_cast<std::uint32_t>(thread.id));
    put_text(fields_, std::string_view(thread.name).substr(0, kMaxTextBytes));
    add_note(Note::ThreadName);
}

void JournalWriter::define_changed_names() {
    const std::uint64_t version = names_.threads.version();
    if (version == names_version_) return;
    names_version_ = version;
    for (auto& [id, thread] : threads_) {
        if (names_.threads.find(id) != thread.name) define_thread_name(thread);
    }
}

void JournalWriter::thread_batch(const events::ThreadBatch& batch) {
    if (is_over_) return;
    const bool is_run = keeps_order_ && batch.carrier != base::ThreadId::None;
    if (is_run) cut_packet(thread_of(batch.carrier));
    Thread& thread = thread_of(batch.thread);
    provide_columns(thread);
    Visitor visitor(*this, thread);
    thread.walk.walk(batch.words, visitor);
    visitor.finish();
    if (is_run) cut_packet(thread);
}

// What comes is another packet's.
void JournalWriter::cut_packet(Thread& thread) {
    if (thread.waiting == nullptr) return;
    end_events_packet(thread);
    thread.waiting->restart(thread.walk.last_tick());
}

template <typename Event>
void JournalWriter::note_event(Note note, const Event& event) {
    put_fields(event);
    fields_.insert(fields_.begin(), static_cast<char>(Event::kKind));
    add_note(note);
}

template <typename Event>
void JournalWriter::take_any(std::span<const Event> events) {
    if (is_over_) return;
    for (const Event& event : events) {
        if constexpr (requires { event.thread; } && events::SharedEvent<Event>) thread_of(event.thread);  // its name
        note_event(Note::Event, event);
    }
}

#define TRACYPY_STORE(number, name, fields)                                             \
    template void JournalWriter::take_any<events::name>(std::span<const events::name>); \
    template void JournalWriter::note_event<events::name>(Note, const events::name&);
TRACYPY_SHARED_EVENTS(TRACYPY_STORE, )
TRACYPY_DEFINITIONS(TRACYPY_STORE, )
#undef TRACYPY_STORE

void JournalWriter::add_note(Note note) {
    notes_ += static_cast<char>(note);
    put_text(notes_, fields_);
    fields_.clear();
    if (notes_.size() > kNotesBytes) end_notes_packet();
}

void JournalWriter::carry(const events::ThreadBatch& open_zones) {
    events_kind_ = PacketKind::Carried;
    thread_batch(open_zones);
    end_all_packets();
    events_kind_ = PacketKind::Events;
}

void JournalWriter::note_clock(const base::ClockReading& now) {
    put_time(fields_, now.ticks, start_);
    put_fixed(fields_, now.nanoseconds);
    add_note(Note::Clock);
    clock_noted_ns_ = now.nanoseconds;
}

void JournalWriter::end_notes_packet() {
    if (notes_.empty()) return;
    packet_ += static_cast<char>(PacketKind::Notes);
    packet_ += notes_;
    packets_.append(packet_, output_);
    packet_.clear();
    notes_.clear();
}

// What the events refer to goes first.
void JournalWriter::end_events_packet(Thread& thread) {
    const Columns& columns = *thread.waiting;
    if (columns.what_so_far().empty()) return;
    end_notes_packet();
    packet_ += static_cast<char>(events_kind_);
    put_number(packet_, static_cast<std::uint32_t>(thread.id));
    put_number(packet_, static_cast<std::uint64_t>(columns.reference - start_));
    put_number(packet_, columns.what_so_far().size());
    packet_ += columns.what_so_far();
    packet_ += columns.when_so_far();
    packets_.append(packet_, output_);
    packet_.clear();
}

void JournalWriter::end_all_packets() {
    for (Thread* const thread : waiting_) {
        end_events_packet(*thread);
        free_columns_.push_back(std::move(thread->waiting));
    }
    waiting_.clear();
    end_notes_packet();
}

void JournalWriter::flush(const base::ClockReading& now) {
    if (is_over_) return;
    define_changed_names();
    if (!clock_noted_ns_ || now.nanoseconds - *clock_noted_ns_ >= kClockEveryNs) note_clock(now);
    end_all_packets();
    write_output();
}

void JournalWriter::flush_up_to(const base::ClockReading& now) {
    clock_noted_ns_.reset();
    flush(now);
}

void JournalWriter::finish(const base::ClockReading& now) {
    if (is_over_) return;
    define_changed_names();
    end_all_packets();
    note_clock(now);
    put_time(fields_, now.ticks, start_);
    put_number(fields_, dropped_events_);
    add_note(Note::End);
    end_notes_packet();
    write_output();
    is_over_ = true;
}

void JournalWriter::write_output() {
    if (output_.empty()) return;
    is_over_ = true;  // unless all of it arrives: a packet that is cut must be the last
    sink_.write(output_);
    is_over_ = false;
    written_bytes_ += output_.size();
    output_.clear();
}

}  // namespace tracypy::journal
