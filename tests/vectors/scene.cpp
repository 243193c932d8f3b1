// The program whose conversations with Tracy's own tools our tests are held against. It is built with Tracy's client, which is
// not here: README.md says how. It does the same in every release, so counts can be compared.
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <tracy/Tracy.hpp>
#include <tracy/TracyC.h>

namespace {

constexpr int kImageWidth = 64, kImageHeight = 32;

void pause_ms(int milliseconds) { std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds)); }

// tracy-csvexport leaves zones of no length out of its counts.
void last() {
    const auto until = std::chrono::steady_clock::now() + std::chrono::nanoseconds(200);
    while (std::chrono::steady_clock::now() < until) {
    }
}

int fib(int n) {
    ZoneScopedN("fib");
    last();
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

void job() {
    ZoneScopedN("job");
    for (int step = 0; step < 3; ++step) {
        ZoneScopedN("step");
        last();
    }
}

// --- zones with all that a zone can have ---------------------------------------------------------------------------------

void zones_with_texts() {
    for (int i = 0; i < 50; ++i) {
        ZoneScopedN("text zone");
        last();
        ZoneTextF("item %d", i);
    }
    for (int i = 0; i < 5; ++i) {
        ZoneScopedN("double text zone");
        last();
        ZoneText("first", 5);
        ZoneText("second", 6);
    }
    const std::string text(3'000, 'x');
    ZoneScopedN("long text zone");
    last();
    ZoneText(text.data(), text.size());
}

void zones_with_names_values_and_colours() {
    for (int i = 0; i < 40; ++i) {
        ZoneScopedN("renamed zone");
        last();
        const std::string name = "renamed " + std::to_string(i % 8);
        ZoneName(name.data(), name.size());
    }
    for (std::uint64_t i = 0; i < 40; ++i) {
        ZoneScopedN("value zone");
        last();
        ZoneValue(i * i * 1'000'003);
    }
    {
        ZoneScopedN("max value zone");
        last();
        ZoneValue(~std::uint64_t{0});
    }
    for (std::uint32_t i = 0; i < 40; ++i) {
        ZoneScopedN("colour zone");
        last();
        ZoneColor(0x102030 + i);
    }
    for (int i = 0; i < 10; ++i) {
        ZoneScopedNC("static colour zone", 0xAA5533);
        last();
    }
    for (int i = 0; i < 30; ++i) {
        ZoneScopedN("unicode zone");
        last();
        const std::string text = "текст 文字 ✓ " + std::to_string(i);
        ZoneText(text.data(), text.size());
    }
    for (int i = 0; i < 5; ++i) {
        ZoneScopedN("зона ünïcode 名前");
        last();
    }
}

// Zones whose place is known at run time only. In the flavour `always` the client has the text of generated.py.
void allocated_zone(const std::string& name, const std::string& function, std::uint32_t line) {
    constexpr std::string_view kFile = "generated.py";
    const std::uint64_t place =
        name.empty() ? ___tracy_alloc_srcloc(line, kFile.data(), kFile.size(), function.data(), function.size(), 0)
                     : ___tracy_alloc_srcloc_name(line, kFile.data(), kFile.size(), function.data(), function.size(), name.data(),
                                                  name.size(), 0);
    const TracyCZoneCtx zone = ___tracy_emit_zone_begin_alloc(place, 1);
    last();
    ___tracy_emit_zone_end(zone);
}

void allocated_zones() {
    for (int i = 0; i < 200; ++i) {
        const int which = i % 8;
        const std::string name = "dyn " + std::to_string(which);
        allocated_zone(name, "function_" + std::to_string(which), 1'000 + static_cast<std::uint32_t>(which));
    }
    for (int i = 0; i < 20; ++i) allocated_zone("", "nameless_dyn", 2'000);
}

void zones_of_c() {
    for (int i = 0; i < 50; ++i) {
        TracyCZoneN(zone, "c zone", i < 30);
        TracyCZoneText(zone, "c text", 6);
        TracyCZoneName(zone, "c renamed", 9);
        TracyCZoneColor(zone, 0x336699);
        TracyCZoneValue(zone, 77);
        last();
        TracyCZoneEnd(zone);
    }
}

void nested_zones() {
    ZoneScopedN("outer level");
    for (int i = 0; i < 4; ++i) {
        ZoneScopedN("middle level");
        for (int j = 0; j < 4; ++j) {
            ZoneScopedN("leaf level");
            last();
        }
    }
}

// --- messages, memory, plots, locks, images ------------------------------------------------------------------------------

void messages() {
    ZoneScopedN("messages");
    for (int i = 0; i < 40; ++i) {
        const std::string text = "message " + std::to_string(i);
        TracyMessage(text.data(), text.size());
    }
    for (int i = 0; i < 20; ++i) TracyMessageL("literal message");
    for (int i = 0; i < 10; ++i) TracyMessageC("coloured message", 16, 0xFF8000);
    for (int i = 0; i < 10; ++i) TracyMessageLC("coloured literal message", 0x0080FF);
    constexpr std::string_view kForeign = "сообщение 訊息 ✓";
    TracyMessage(kForeign.data(), kForeign.size());
    const std::string text(5'000, 'm');
    TracyMessage(text.data(), text.size());
    TracyMessage("", 0);
#ifdef SCENE_0_14
    for (int severity = 0; severity < static_cast<int>(tracy::MessageSeverity::COUNT); ++severity) {
        const auto kind = static_cast<tracy::MessageSeverity>(severity);
        for (const std::uint32_t colour : {0u, 0x123456u}) {
            TracyLogString(kind, colour, 0, 5, "plain");
            TracyLogString(kind, colour, 0, "literal");
        }
    }
#endif
}

const void* block(std::uintptr_t number) { return reinterpret_cast<const void*>(0x10'0000 + number * 0x1000); }

void memory() {
    ZoneScopedN("memory");
    for (std::uintptr_t i = 0; i < 100; ++i) TracyAlloc(block(i), 64 + i);
    for (std::uintptr_t i = 0; i < 80; ++i) TracyFree(block(i));
    for (std::uintptr_t i = 0; i < 10; ++i) TracyAlloc(block(i), 4'096);  // where others were

    for (std::uintptr_t i = 0; i < 50; ++i) TracyAllocN(block(1'000 + i), 1'000 * (i + 1), "arena");
    TracyAllocN(block(2'000), std::size_t{5} << 30, "arena");
    TracyFreeN(block(2'000), "arena");
    std::thread other([] {
        tracy::SetThreadName("memory thread");
        for (std::uintptr_t i = 0; i < 45; ++i) TracyFreeN(block(1'000 + i), "arena");
    });
    other.join();
#ifdef SCENE_DISCARDS
    for (std::uintptr_t i = 0; i < 12; ++i) TracyAllocN(block(3'000 + i), 256, "scratch");
    TracyMemoryDiscard("scratch");
    for (std::uintptr_t i = 0; i < 3; ++i) TracyAllocN(block(3'000 + i), 512, "scratch");
#endif
}

class Turns {  // so that two threads want the lock in turn, and nearly always at once
   public:
    void arrive() {
        std::unique_lock guard(mutex_);
        const int round = round_;
        if (++waiting_ == 2) {
            waiting_ = 0;
            ++round_;
            changed_.notify_all();
        } else {
            changed_.wait(guard, [&] { return round_ != round; });
        }
    }

   private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int waiting_ = 0, round_ = 0;
};

void locks() {
    TracyLockableN(std::mutex, ledger, "ledger");
    constexpr std::string_view kName = "ledger lock ü";
    LockableName(ledger, kName.data(), kName.size());
    Turns turns;
    const auto keep_books = [&](const char* name) {
        tracy::SetThreadName(name);
        for (int i = 0; i < 50; ++i) {
            turns.arrive();
            std::lock_guard<LockableBase(std::mutex)> guard(ledger);
            ZoneScopedN("ledger critical");
            if (i % 10 == 0) {
                LockMark(ledger);
            }
            std::this_thread::sleep_for(std::chrono::microseconds(200));
        }
    };
    std::thread a(keep_books, "lock-a"), b(keep_books, "lock-b");
    a.join();
    b.join();

    TracySharedLockableN(std::shared_mutex, catalogue, "catalogue");
    for (int i = 0; i < 20; ++i) {
        std::shared_lock<SharedLockableBase(std::shared_mutex)> guard(catalogue);
    }
    for (int i = 0; i < 6; ++i) {
        std::lock_guard<SharedLockableBase(std::shared_mutex)> guard(catalogue);
    }

    ZoneScopedN("short lock");
    TracyLockable(std::mutex, brief);
    for (int i = 0; i < 4; ++i) {
        std::lock_guard<LockableBase(std::mutex)> guard(brief);
    }
    for (int i = 0; i < 5; ++i) {
        if (brief.try_lock()) brief.unlock();
    }
}

void image(int number) {
    std::vector<std::uint8_t> pixels(kImageWidth * kImageHeight * 4);
    for (int y = 0; y < kImageHeight; ++y) {
        for (int x = 0; x < kImageWidth; ++x) {
            std::uint8_t* const pixel = &pixels[static_cast<std::size_t>(y * kImageWidth + x) * 4];
            pixel[0] = static_cast<std::uint8_t>(x * 4);
            pixel[1] = static_cast<std::uint8_t>(y * 8);
            pixel[2] = static_cast<std::uint8_t>(number * 40);
            pixel[3] = 255;
        }
    }
    FrameImage(pixels.data(), kImageWidth, kImageHeight, static_cast<std::uint8_t>(number == 1 ? 1 : 0), number == 2);
}

void frames() {
    TracyPlotConfig("temperature", tracy::PlotFormatType::Number, false, true, 0);
    TracyPlotConfig("heap use", tracy::PlotFormatType::Memory, true, true, 0x20A0FF);
    TracyPlotConfig("progress", tracy::PlotFormatType::Percentage, false, false, 0xFFA020);
    for (int i = 0; i < 60; ++i) {
        {
            ZoneScopedN("frame");
            fib(7);
            for (int tick = 0; tick < 2; ++tick) FrameMarkNamed("physics");
            if (i % 3 == 0) {
                FrameMarkStart("io batch");
                FrameMarkEnd("io batch");
            }
            TracyPlot("temperature", 20.0 + i / 4.0);
            TracyPlot("heap use", std::int64_t{1} << (i % 50));
            TracyPlot("progress", static_cast<float>(i) * 100.0f / 60.0f);
            if (i % 2 == 0) TracyPlot("unconfigured", static_cast<std::int64_t>(-i));
            if (i % 10 == 5) image(i / 10);
            pause_ms(2);
        }
        FrameMark;
    }
}

// --- threads and fibers --------------------------------------------------------------------------------------------------

void threads() {
    const auto work = [](const char* name, int hint) {
        tracy::SetThreadNameWithHint(name, hint);
        for (int i = 0; i < 200; ++i) job();
    };
    std::thread one(work, "worker-1", 7), two(work, "worker-2", 7), three(work, "wörker-雪", 0);
    one.join();
    two.join();
    three.join();
}

#ifdef TRACY_FIBERS
void fiber_part(const char* fiber) {
    TracyFiberEnter(fiber);
    ZoneScopedN("fiber outer");
    {
        ZoneScopedN("fiber inner");
        last();
    }
}

void fibers() {
    std::thread runner([] {
        tracy::SetThreadName("fiber runner");
        for (int i = 0; i < 20; ++i) {
            fiber_part("fiber A");
            TracyFiberLeave;
            {
                ZoneScopedN("between fibers");
                last();
            }
            fiber_part("fiber B");
            TracyFiberLeave;
        }
        for (int i = 0; i < 5; ++i) {
            TracyFiberEnter("fiber A");
            TracyFiberEnter("fiber B");  // straight from one to the other
            TracyFiberLeave;
        }
        for (int i = 0; i < 40; ++i) {
            TracyFiberEnter(i % 2 == 0 ? "fiber A" : "fiber B");
            TracyFiberLeave;
        }
    });
    runner.join();
}
#endif

void parameters(void*, std::uint32_t, std::int32_t) {}

char* source_of(void*, const char* file, std::size_t& size) {
    if (std::strcmp(file, "generated.py") != 0) return nullptr;
    static constexpr std::string_view kText = "def function_0():\n    return 'handed out by the program'\n";
    size = kText.size();
    auto* const copy = static_cast<char*>(tracy::tracy_malloc(size));
    std::memcpy(copy, kText.data(), size);
    return copy;
}

void announce() {
    TracyAppInfo("the scene", 9);
    TracyAppInfo("second line ü", std::strlen("second line ü"));
    TracyParameterRegister(parameters, nullptr);
#ifdef SCENE_0_14
    TracyParameterSetup(0, "speed", TracyParamTypeInt, 42);
    TracyParameterSetup(1, "turbo", TracyParamTypeBool, 1);
    TracyParameterSetup(2, "reset", TracyParamTypeTrigger, 0);
    TracySectionSetup(1, "level");
#else
    TracyParameterSetup(0, "speed", false, 42);
    TracyParameterSetup(1, "turbo", true, 1);
#endif
}

// What happens before a viewer is there: an on-demand client tells of the frames only.
void early() {
    for (int i = 0; i < 5; ++i) {
        ZoneScopedN("early");
        TracyMessageL("early message");
        TracyPlot("temperature", 1.0);
        FrameMark;
    }
}

void scene() {
    {
        ZoneScopedN("setup");
        last();
    }
    frames();
    threads();
    zones_with_texts();
    zones_with_names_values_and_colours();
    allocated_zones();
    zones_of_c();
    nested_zones();
#ifdef TRACY_FIBERS
    fibers();
#endif
    memory();
    messages();
    locks();
}

}  // namespace

int main() {
    tracy::SetThreadName("main thread");
    announce();
#ifdef TRACY_ON_DEMAND
    early();
    while (!TracyIsConnected) pause_ms(1);
#elif defined SCENE_GIVES_SOURCE
    TracySourceCallbackRegister(source_of, nullptr);
#endif
#ifdef SCENE_0_14
    const std::uint32_t run = TracySectionEnter("whole run");
    for (int i = 0; i < 3; ++i) TracySectionLeave(TracySectionEnterCategory(1, "level %d", i));
#endif
    scene();
#ifdef SCENE_0_14
    TracySectionLeave(run);
#endif
    std::puts("done");
}
