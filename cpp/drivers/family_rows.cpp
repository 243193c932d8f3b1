#include "drivers/family_rows.hpp"

namespace tracypy::drivers {
namespace {

/// Of locks and sections of one process; it may say what it likes.
constexpr std::size_t kMostNumbers = 1u << 20;

/// The root's number for one of a process's; nothing when it has too many.
template <typename Number, typename Take>
bool translate(std::unordered_map<Number, Number>& known, Number& number, const Take& take) {
    const auto found = known.find(number);
    if (found != known.end()) {
        number = found->second;
        return true;
    }
    if (known.size() >= kMostNumbers) return false;
    const Number taken = take();
    if (taken == 0) return false;
    known.emplace(number, taken);
    number = taken;
    return true;
}

constexpr std::uint64_t meeting(std::uint32_t lock, base::ThreadId row) noexcept {
    return std::uint64_t{lock} << 32 | static_cast<std::uint32_t>(row);
}

}  // namespace

void FamilyNumbers::start_session() noexcept {
    next_lock_ = next_section_ = kFirstNumber;
    next_category_ = kFirstCategory;
    last_gpu_context_ = 255;
    next_region_ = 0;
    next_source_ = 1;
    next_parameter_ = kFirstParameter;
    frames_owner_ = machine_owner_ = sampling_owner_ = 0;
    frames_before_ = frames_so_far();
}

bool FamilyNumbers::claim_frames(std::int32_t group) noexcept {
    if (frames_owner_ == 0 && frames_so_far() == frames_before_) frames_owner_ = group;
    return frames_owner_ == group;
}

std::size_t FamilyRows::bytes() const noexcept {
    constexpr std::size_t kBytesOfRow = 320, kBytesOfNumber = 56;  // with the entries of maps
    const std::size_t numbers = locks_.size() + sections_.size() + parameters_.size() + lock_threads_.size();
    std::size_t names = 0;
    for (const auto& [table, renamed] : renamed_) names += renamed.size();
    return rows_.size() * kBytesOfRow + 2 * name_bytes_ + (numbers + names) * kBytesOfNumber;
}

FamilyRows::Row& FamilyRows::row(base::ThreadId number) {
    const auto [entry, is_new] = rows_.try_emplace(number);
    if (is_new && number == base::kNoticeThread) {
        entry->second.id = number;
        entry->second.is_told = true;
    } else if (is_new) {
        entry->second.id = numbers_.take_row(static_cast<std::uint32_t>(number));
        entry->second.name = "thread " + std::to_string(static_cast<std::uint32_t>(number));
    }
    return entry->second;
}

base::ThreadId FamilyRows::row_of(base::ThreadId number) {
    Row& found = row(number);
    tell(found);
    return found.id;
}

// The name goes first: who takes the facts asks for it.
void FamilyRows::tell(Row& row) {
    if (row.is_told || row.id == base::ThreadId::None) return;
    row.is_told = true;
    names_.threads.set(row.id, row_name(row));
    const events::ThreadFacts facts{row.id, static_cast<std::uint32_t>(row.id), false, group_};
    sink_->take({&facts, 1});
}

void FamilyRows::name_row(base::ThreadId number, std::string_view name) {
    constexpr std::size_t kMostBytes = 1'024;
    Row& named = row(number);
    named.name = base::cut_utf8(name, kMostBytes);
    name_bytes_ += named.name.size();
    if (named.is_told && named.id != base::kNoticeThread) names_.threads.set(named.id, row_name(named));
}

void FamilyRows::name_again() {
    for (const auto& [number, named] : rows_) {
        if (named.is_told && named.id != base::kNoticeThread) names_.threads.set(named.id, row_name(named));
    }
}

void FamilyRows::thread_batch(const events::ThreadBatch& batch) {
    words_ += batch.words.size();
    if (batch.thread == base::ThreadId::None) {
        left_out_ += batch.words.size();
        return;
    }
    if (batch.thread == base::kNoticeThread) return hand_on_notices(batch.words);
    const bool begins_run = !batch.words.empty() && events::layout::is<events::FiberEnter>(batch.words.data());
    if (begins_run || (!carriers_.empty() && carriers_.contains(batch.thread))) return hand_on_runs(batch);
    sink_->thread_batch(batch);
}

// All processes speak on one row: each says who it is.
void FamilyRows::hand_on_notices(std::span<const events::Word> words) {
    std::vector<events::Word> told;
    const events::Word* const end = words.data() + words.size();
    for (const events::Word* at = words.data(); at < end; at += events::layout::words_at(at)) {
        if (!events::layout::is<events::Message>(at)) continue;
        events::Message message = events::layout::get<events::Message>(at);
        const std::string text = process_ + ": " + std::string(message.text);
        message.text = text;
        events::append(told, message);
    }
    if (!told.empty()) sink_->thread_batch({base::kNoticeThread, told});
}

void FamilyRows::tell_left_out() {
    if (left_out_ == 0) return;
    const std::string text =
        "tracypy: " + std::to_string(std::exchange(left_out_, 0)) + " events of " + process_ +
        " were left out: pictures of frames, machine code, or rows beyond the most that a trace holds";
    std::vector<events::Word> words;
    constexpr std::uint32_t kRed = 0xFF4040;
    events::append(words, events::Message{base::now_ticks(), kRed, text});
    sink_->thread_batch({base::kNoticeThread, words});
}

// A journal says only at the begin of a run on which thread that is.
void FamilyRows::hand_on_runs(const events::ThreadBatch& batch) {
    base::ThreadId& carrier = carriers_[batch.thread];
    const events::Word* first = batch.words.data();
    const events::Word* const end = first + batch.words.size();
    const auto hand_on = [&](const events::Word* last) {
        if (first != last && carrier != base::ThreadId::None)
            sink_->thread_batch({batch.thread, {first, last}, carrier});
        first = last;
    };
    for (const events::Word* at = first; at < end; at += events::layout::words_at(at)) {
        if (!events::layout::is<events::FiberEnter>(at)) continue;
        hand_on(at);
        carrier = events::layout::get<events::FiberEnter>(at).thread;
    }
    hand_on(end);
}

// Two processes may call different things by one name.
base::StringId FamilyRows::name_of_process(base::LimitedNames& table, base::StringId name, std::string_view unnamed) {
    const auto [entry, is_new] = renamed_[&table].try_emplace(name, base::StringId::None);
    if (is_new) {
        const std::string_view text = name == base::StringId::None ? unnamed : names_.strings.find(name).text;
        const std::string whole = process_ + ": " + std::string(text);
        GatherMemory& memory = numbers_.memory();
        if (!is_gathered_) {
            entry->second = table.intern(whole);
        } else if (memory.has_room_for_names()) {
            entry->second = memory.keep(names_, [&] { return table.intern(whole); });
        } else {
            entry->second = table.others();
        }
    }
    return entry->second;
}

bool FamilyRows::adopt(events::FrameMark& mark) {
    if (is_gathered_ && mark.name == base::StringId::None && numbers_.claim_frames(group_)) return owns_frames_ = true;
    mark.name = name_of_process(names_.frames, mark.name, "frames");
    return true;
}

bool FamilyRows::adopt(events::PlotPoint& point) {
    point.plot = name_of_process(names_.plots, point.plot, "plot");
    return true;
}

bool FamilyRows::adopt(events::PlotStyle& style) {
    style.plot = name_of_process(names_.plots, style.plot, "plot");
    return true;
}

bool FamilyRows::adopt(events::MemoryStep& step) {
    step.pool = name_of_process(names_.memory_pools, step.pool, "memory");
    return step.thread != base::ThreadId::None;
}

bool FamilyRows::adopt(events::LockAnnounce& lock) {
    return translate(locks_, lock.lock, [this] { return numbers_.take_lock(); });
}

bool FamilyRows::adopt_lock(std::uint32_t& lock) {
    return locks_.contains(lock) && translate(locks_, lock, [] { return 0u; });
}

bool FamilyRows::adopt_gpu(std::uint8_t& context) {
    return gpu_contexts_.contains(context) && translate(gpu_contexts_, context, [] { return std::uint8_t{0}; });
}

bool FamilyRows::adopt(events::LockEvent& event) {
    if (event.thread == base::ThreadId::None || !adopt_lock(event.lock)) return false;
    if (is_gathered_ && lock_threads_.size() < kMostNumbers) lock_threads_.insert(meeting(event.lock, event.thread));
    return true;
}

bool FamilyRows::adopt(events::LockMark& mark) {
    return adopt_lock(mark.lock) && lock_threads_.contains(meeting(mark.lock, mark.thread));
}

bool FamilyRows::is_of_machine() noexcept {
    if (numbers_.claim_machine(group_)) return true;
    ++told_by_another_;
    --left_out_;  // which counts what is not adopted
    return false;
}

template <typename Number>
void FamilyRows::adopt_thread(Number& number) const {
    if (number > UINT32_MAX) return;
    const auto known = rows_.find(static_cast<base::ThreadId>(number));
    const bool has_row = known != rows_.end() && known->second.is_told && known->second.id != base::ThreadId::None;
    if (has_row) number = static_cast<std::uint32_t>(known->second.id);
}

bool FamilyRows::adopt(events::ContextSwitch& change) {
    adopt_thread(change.from);
    adopt_thread(change.to);
    return is_of_machine();
}

bool FamilyRows::adopt(events::ThreadWakeup& wakeup) {
    adopt_thread(wakeup.woken);
    return is_of_machine();
}

bool FamilyRows::adopt(events::ThreadProcess& process) {
    adopt_thread(process.thread_number);
    return true;
}

void FamilyRows::take_any(std::span<const events::Parameter> parameters) {
    if (!is_gathered_) return;
    for (events::Parameter parameter : parameters) {
        parameter.name = name_of_process(names_.parameters, parameter.name, "parameter");
        if (translate(parameters_, parameter.index, [this] { return numbers_.take_parameter(); })) {
            sink_->take({&parameter, 1});
        } else {
            ++left_out_;
        }
    }
}

std::optional<std::uint32_t> FamilyRows::parameter_of(std::uint32_t index) const {
    for (const auto& [own, taken] : parameters_) {
        if (taken == index) return own;
    }
    return std::nullopt;
}

bool FamilyRows::adopt(events::SectionEdge& edge) {
    if (edge.category != 0 && !translate(categories_, edge.category, [this] { return numbers_.take_category(); })) {
        edge.category = 0;
    }
    return translate(sections_, edge.section, [this] { return numbers_.take_section(); });
}

bool FamilyRows::adopt(events::SectionCategory& category) {
    return translate(categories_, category.category, [this] { return numbers_.take_category(); });
}

bool FamilyRows::adopt(events::GpuContext& context) {
    return translate(gpu_contexts_, context.context, [this] { return numbers_.take_gpu_context(); });
}

bool FamilyRows::adopt(events::GpuStep& step) {
    return step.thread != base::ThreadId::None && adopt_gpu(step.context);
}

bool FamilyRows::adopt(events::AppInfo& line) {
    const std::string text = process_ + ": " + std::string(names_.strings.find(line.text).text);
    line.text = is_gathered_ ? numbers_.memory().intern(names_, text) : names_.strings.intern_if_room(text);
    return line.text != base::StringId::None;
}

}  // namespace tracypy::drivers
