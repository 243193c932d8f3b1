// Recording without Python: its thread, its files, its limits, and who has the program.
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "base/error.hpp"
#include "check.hpp"
#include "drivers/exclusive_access.hpp"
#include "drivers/file_recorder.hpp"
#include "drivers/formatting.hpp"
#include "drivers/recording_recovery.hpp"
#include "io/file_stream.hpp"
#include "io/process.hpp"
#include "synthetic_program.hpp"
#include "tracefile/reader.hpp"

namespace tracypy::native_tests {
namespace {

namespace fs = std::filesystem;
using drivers::FileRecorder;
using drivers::MakingProgress;
using drivers::RecordingConfig;
using drivers::RecordingResult;

constexpr base::ThreadId kThread{500};

/// A program, a recording of it, and a folder for its files.
struct Studio {
    Studio() { fs::create_directory(folder); }
    ~Studio() { fs::remove_all(folder); }

    RecordingConfig config(const char* name = "out.tracy") const {
        RecordingConfig result;
        result.path = folder / name;
        result.program_name = "native tests";
        return result;
    }
    void zones(int count) {
        const auto location = program.location("f");
        for (int i = 0; i < count; ++i) {
            program.begin(kThread, location);
            program.end(kThread);
        }
    }
    std::uint64_t zones_in(const char* name = "out.tracy") const {
        io::FileSource source(folder / name);
        return tracefile::read_trace(source).trace.zone_count();
    }
    int files() const {
        int count = 0;
        for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder)) ++count;
        return count;
    }
    std::string journal_text() const {
        std::ifstream file(folder / "out.tracy.journal", std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    static inline std::atomic<int> next{0};
    fs::path folder = fs::temp_directory_path() /
                      ("tracypy-recording-" + std::to_string(io::process_id()) + "-" + std::to_string(next++));
    base::Names names;
    SyntheticProgram program{names};
    FileRecorder recorder{program, names};
};

template <typename Error, typename Action>
std::string error_of(const Action& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

template <typename Condition>
bool eventually(const Condition& condition) {
    for (int naps = 0; naps < 15'000; ++naps) {
        if (condition()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return false;
}

}  // namespace

TEST(a_recording_holds_what_happened_between_start_and_stop) {
    Studio studio;
    studio.zones(3);
    for (int round = 1; round <= 3; ++round) {
        RecordingConfig config = studio.config();
        config.overwrite = round > 1;
        studio.recorder.start(config);
        CHECK(studio.recorder.is_running() && studio.recorder.is_pending());
        studio.zones(100 * round);
        const RecordingResult recorded = studio.recorder.stop();
        CHECK(!studio.recorder.is_running() && !studio.recorder.is_pending());
        studio.zones(5);
        CHECK(recorded.made.zones == 100u * round);
        CHECK(recorded.made.complete && recorded.end == RecordingResult::End::Stopped);
        CHECK(recorded.file_bytes == fs::file_size(studio.folder / "out.tracy"));
        CHECK(studio.zones_in() == 100u * round);
        CHECK(studio.files() == 1);
    }
    CHECK(studio.program.attaches() == 3 && studio.program.detaches() == 3);
}

TEST(a_program_that_cannot_be_attached_to_leaves_no_files) {
    Studio studio;
    studio.program.refuse_viewers();
    const std::string text = error_of<base::Error>([&] { studio.recorder.start(studio.config()); });
    CHECK(text.find("cannot be recorded now") != std::string::npos);
    CHECK(!studio.recorder.is_pending());
    CHECK(studio.files() == 0);
    CHECK(!error_of<base::Error>([&] { studio.recorder.stop(); }).empty());
}

TEST(one_driver_at_a_time_has_exclusive_access) {
    Studio studio;
    drivers::ExclusiveAccess access;
    drivers::ExclusiveProgram one(studio.program, access);
    drivers::ExclusiveProgram other(studio.program, access);
    FileRecorder recorder(one, studio.names);
    recorder.start(studio.config());
    CHECK(!other.attach());
    other.detach();  // it has nothing to detach from
    CHECK(studio.program.is_recording());
    studio.zones(7);
    CHECK(recorder.stop().made.zones == 7);
    CHECK(other.attach());
    CHECK(!error_of<base::Error>([&] { recorder.start(studio.config("b.tracy")); }).empty());
    other.detach();
    CHECK(!one.attach());  // until the other one has drained what it wants
    other.release();
    recorder.start(studio.config("b.tracy"));
    recorder.stop();
    CHECK(studio.files() == 2);
}

TEST(a_limit_ends_the_recording_and_keeps_its_result) {
    Studio studio;
    RecordingConfig config = studio.config();
    config.journal_bytes = 1;
    studio.recorder.start(config);
    CHECK(eventually([&] { return fs::exists(config.path); }));
    CHECK(eventually([&] { return !studio.program.is_recording(); }));
    CHECK(studio.recorder.is_pending());
    CHECK(studio.recorder.stop().end == RecordingResult::End::Size);

    config = studio.config("b.tracy");
    config.seconds = 1e-9;
    studio.recorder.start(config);
    CHECK(eventually([&] { return fs::exists(config.path); }));
    CHECK(eventually([&] {  // what it has left for stop() is forgotten, once it is over
        return error_of<base::Error>([&] { studio.recorder.start(studio.config("c.tracy")); }).empty();
    }));
    CHECK(studio.recorder.stop().end == RecordingResult::End::Stopped);
}

TEST(a_recording_goes_on_after_each_pause) {
    Studio studio;
    studio.recorder.start(studio.config());
    for (int round = 0; round < 20; ++round) {
        studio.zones(10);
        studio.recorder.pause();
        studio.zones(10);
        studio.recorder.resume();
    }
    CHECK(studio.recorder.stop().made.zones == 400);
    studio.recorder.pause();
    studio.recorder.resume();
}

TEST(a_pause_waits_for_the_file_that_is_being_made) {
    Studio studio;
    RecordingConfig config = studio.config();
    studio.recorder.start(config);
    studio.zones(200'000);
    std::thread stopper([&] { CHECK(studio.recorder.stop().made.zones == 200'000); });
    for (int i = 0; i < 50; ++i) {
        studio.recorder.pause();
        studio.recorder.resume();
    }
    stopper.join();
    CHECK(studio.zones_in() == 200'000);
}

#if !defined(_WIN32)  // the file of the other process would stay open in this one: there it could not be deleted
TEST(the_child_of_a_fork_has_no_recording) {
    Studio studio;
    studio.recorder.start(studio.config());
    studio.zones(10);
    studio.recorder.pause();
    studio.recorder.forget_after_fork();  // as the child would, in one and the same process
    CHECK(!studio.recorder.is_running() && !studio.recorder.is_pending());
    CHECK(fs::exists(studio.folder / "out.tracy.journal"));
    studio.recorder.start(studio.config("child.tracy"));
    studio.recorder.stop();
    CHECK(studio.zones_in("child.tracy") == 0);
}
#endif

TEST(making_that_is_given_up_leaves_the_journal) {
    Studio studio;
    studio.recorder.start(studio.config());
    studio.zones(1000);
    const std::string text =
        error_of<base::SystemError>([&] { studio.recorder.stop([](const MakingProgress&) { return false; }); });
    if (text.empty()) return;  // it was made before the first question
    CHECK(text.find("tracypy recover") != std::string::npos);
    CHECK(studio.files() == 1);
    const fs::path journal = studio.folder / "out.tracy.journal";
    CHECK(drivers::recover(journal, {}, false, {}).made.zones == 1000);
    CHECK(studio.zones_in() == 1000 && studio.files() == 1);
}

TEST(a_wait_that_throws_is_ended_and_thrown_again) {
    Studio studio;
    studio.recorder.start(studio.config());
    studio.zones(1000);
    const auto ask = [](const MakingProgress&) -> bool { throw base::ValueError(base::problem<base::ErrorCode::RecordingFailed>("enough")); };
    const std::string text = error_of<base::Error>([&] { studio.recorder.stop(ask); });
    CHECK(text == "enough");
    CHECK(!studio.recorder.is_pending());
    CHECK(studio.files() == 1);
}

TEST(files_in_the_way_are_left_alone) {
    Studio studio;
    const RecordingConfig config = studio.config();
    std::ofstream(config.path) << "precious";
    CHECK(!error_of<base::SystemError>([&] { studio.recorder.start(config); }).empty());
    fs::rename(config.path, studio.folder / "out.tracy.journal");
    CHECK(error_of<base::SystemError>([&] { studio.recorder.start(config); }).find("journal_left_behind") != std::string::npos);
    CHECK(studio.journal_text() == "precious");
    CHECK(
        !error_of<base::Error>([&] { drivers::recover(studio.folder / "out.tracy.journal", {}, false, {}); }).empty());
    CHECK(studio.journal_text() == "precious");
    CHECK(studio.files() == 1);
}

TEST(what_was_flushed_is_in_the_journal_and_the_recording_goes_on) {
    Studio studio;
    studio.recorder.flush();  // nothing is recorded: nothing happens
    studio.recorder.start(studio.config());
    for (int round = 1; round <= 20; ++round) {
        studio.zones(100);
        studio.recorder.flush();
        fs::copy_file(studio.folder / "out.tracy.journal", studio.folder / "copy.journal",
                      fs::copy_options::overwrite_existing);
        CHECK(drivers::recover(studio.folder / "copy.journal", {}, true, {}).made.zones == 100u * round);
    }
    CHECK(studio.recorder.is_running());
    CHECK(studio.recorder.stop().made.zones == 2000);
}

TEST(a_recording_needs_no_keeper) {
    Studio studio;
    for (const char* const keeper : {"/no/such/program", "/", "/dev/null", "/bin/false"}) {
        RecordingConfig config = studio.config();
        config.overwrite = true;
        config.keeper = keeper;
        studio.recorder.start(config);
        studio.zones(10);
        CHECK(studio.recorder.stop().made.zones == 10);
        CHECK(studio.files() == 1);
    }
}

TEST(who_ends_the_process_need_not_wait_for_the_file) {
    Studio studio;
    RecordingConfig config = studio.config();
    config.overwrite = true;
    config.keeper = "/bin/true";
    std::uint64_t zones = 0;
    // What is left must be worth it: the trace is begun while the recording goes on, and it is not whole at once.
    const bool was_left = eventually([&] {
        studio.recorder.start(config);
        for (zones = 0; zones < 400'000; zones += 1000) studio.zones(1000);
        const RecordingResult expected = studio.recorder.stop_and_leave({}, 0);
        CHECK(!studio.recorder.is_running() && !studio.recorder.is_pending());
        CHECK(expected.made.zones == zones && expected.made.complete);
        if (expected.file_bytes != 0) return false;
        studio.recorder.leave("", "");
        studio.recorder.await_left();
        return true;
    });
    CHECK(was_left);
    CHECK(studio.zones_in() == zones);
    CHECK(studio.files() == 1);
}

TEST(a_file_is_waited_for_where_nobody_else_would_make_it) {
    Studio studio;
    studio.recorder.start(studio.config());  // without a keeper
    for (int i = 0; i < 200; ++i) studio.zones(1000);
    const RecordingResult recorded = studio.recorder.stop_and_leave({}, 0);
    CHECK(recorded.file_bytes == fs::file_size(studio.folder / "out.tracy"));
}

TEST(sizes_are_told_as_everywhere) {
    CHECK(drivers::size_text(0) == "0 bytes" && drivers::size_text(1) == "1 byte" && drivers::size_text(999) == "999 bytes");
    CHECK(drivers::size_text(1000) == "1.00 kB" && drivers::size_text(12'345) == "12.3 kB");
    CHECK(drivers::size_text(999'499) == "999 kB" && drivers::size_text(999'600) == "1.00 MB");
    CHECK(drivers::size_text(99'950'000) == "100 MB" && drivers::size_text(3'210'000'000) == "3.21 GB");
}

TEST(files_that_were_deleted_or_moved_meanwhile_are_saved) {
    Studio studio;
    const fs::path folder = studio.folder / "d", moved = studio.folder / "moved";
    for (const bool is_moved : {false, true}) {
        fs::create_directory(folder);
        studio.recorder.start(studio.config("d/out.tracy"));
        studio.zones(10);
        if (is_moved) {
            fs::rename(folder, moved);
        } else {
            fs::remove_all(folder);
        }
        studio.zones(10);
        CHECK(studio.recorder.stop().made.zones == 20);
        CHECK(studio.zones_in("d/out.tracy") == 20);
        fs::remove_all(folder);
        CHECK(!is_moved || fs::is_empty(moved));
    }
}

TEST(a_journal_that_is_being_written_is_not_recovered) {
    Studio studio;
    studio.recorder.start(studio.config());
    const fs::path journal = studio.folder / "out.tracy.journal";
    CHECK(error_of<base::Error>([&] { drivers::recover(journal, {}, true, {}); }).find("journal_is_written") !=
          std::string::npos);
    CHECK(studio.recorder.stop().made.complete);
}

}  // namespace tracypy::native_tests
