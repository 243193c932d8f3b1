// The rows, names and numbers of another process's events, as they are in the trace of the root.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/names.hpp"
#include "events/event_sink.hpp"
#include "journal/adopter.hpp"

namespace tracypy::drivers {

/// Hands out what is unique in the trace of the root, from one begin of a session to the next. The driver's thread.
class FamilyNumbers {
public:
    virtual ~FamilyNumbers() = default;

    /// A row for a thread of another process, if possible under the number that it has there. None: all are taken.
    virtual base::ThreadId take_row(std::uint64_t number) = 0;

    void start_session() noexcept;
    std::uint32_t take_lock() noexcept { return next_lock_++; }
    std::uint32_t take_section() noexcept { return next_section_++; }
    /// 0: all are taken, and these sections have no category.
    std::uint16_t take_category() noexcept { return next_category_ != 0 ? next_category_++ : std::uint16_t{0}; }
    /// From the last one down; 0: all are taken.
    std::uint8_t take_gpu_context() noexcept { return last_gpu_context_ > kOwnGpuContexts ? last_gpu_context_-- : 0; }

private:
    // The root's own ones are counted from below.
    static constexpr std::uint32_t kFirstNumber = 0x4000'0000;
    static constexpr std::uint16_t kFirstCategory = 0x4000;
    static constexpr std::uint8_t kOwnGpuContexts = 128;

    std::uint32_t next_lock_ = kFirstNumber;
    std::uint32_t next_section_ = kFirstNumber;
    std::uint16_t next_category_ = kFirstCategory;
    std::uint8_t last_gpu_context_ = 255;
};

/// Between the reader of a process's journal and the sink of the root, for one session. One thread.
class FamilyRows final : public events::UniformSink<FamilyRows>, public journal::Adopter {
public:
    /// `group`: rows of one process stand together. All must outlive it.
    FamilyRows(base::Names& names, FamilyNumbers& numbers, const std::string& process, std::int32_t group)
        : names_(names), numbers_(numbers), process_(process), group_(group) {}

    /// Where the events go that come from now on.
    void set_sink(events::EventSink& sink) noexcept { sink_ = &sink; }
    /// The process is called otherwise from now on, its rows too.
    void name_again();

    base::Names& names() override { return names_; }
    base::ThreadId row_of(base::ThreadId number) override;
    void name_row(base::ThreadId number, std::string_view name) override;

    void thread_batch(const events::ThreadBatch& batch) override;
    template <typename Event>
    void take_any(std::span<const Event> events) {
        for (Event event : events) {
            if (adopt(event)) {
                sink_->take({&event, 1});
            } else {
                ++left_out_;
            }
        }
    }
    // Said by the root, or of one program: its name, and what a viewer may set in it.
    void take_any(std::span<const events::ThreadFacts>) noexcept {}
    void take_any(std::span<const events::ProgramText>) noexcept {}
    void take_any(std::span<const events::Parameter>) noexcept {}

    /// So many words since the last time that this was asked.
    std::size_t take_words() noexcept { return std::exchange(words_, 0); }
    /// Says at the end how many events the trace of the root had no place for.
    void tell_left_out();

private:
    struct Row {
        base::ThreadId id;
        std::string name;
        bool is_told = false;
    };

    Row& row(base::ThreadId number);
    void tell(Row& row);
    std::string row_name(const Row& row) const { return process_ + ": " + row.name; }
    void hand_on_notices(std::span<const events::Word> words);
    void hand_on_runs(const events::ThreadBatch& batch);
    base::StringId name_of_process(base::LimitedNames& table, base::StringId name, std::string_view unnamed);

    bool adopt(events::FrameMark& mark);
    bool adopt(events::PlotPoint& point);
    bool adopt(events::PlotStyle& style);
    bool adopt(events::MemoryStep& step);
    bool adopt(events::LockAnnounce& lock);
    bool adopt(events::LockEvent& event);
    bool adopt(events::SectionEdge& edge);
    bool adopt(events::SectionCategory& category);
    bool adopt(events::GpuContext& context);
    bool adopt(events::GpuStep& step);
    bool adopt(events::AppInfo& line);
    bool adopt(events::FrameImage&) noexcept { return false; }  // of frames that are not in the default set here

    base::Names& names_;
    FamilyNumbers& numbers_;
    const std::string& process_;
    std::int32_t group_;
    events::EventSink* sink_ = nullptr;
    std::unordered_map<base::ThreadId, Row> rows_;                 // by their numbers there
    std::unordered_map<base::ThreadId, base::ThreadId> carriers_;  // of fibers: where each runs, or ran last
    std::unordered_map<base::LimitedNames*, std::unordered_map<base::StringId, base::StringId>> renamed_;
    std::unordered_map<std::uint32_t, std::uint32_t> locks_, sections_;
    std::unordered_map<std::uint16_t, std::uint16_t> categories_;
    std::unordered_map<std::uint8_t, std::uint8_t> gpu_contexts_;
    std::size_t words_ = 0;
    std::uint64_t left_out_ = 0;
};

}  // namespace tracypy::drivers
