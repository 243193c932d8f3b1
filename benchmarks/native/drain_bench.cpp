// How fast a session turns batches of zones into bytes for a viewer, and a recording into a journal, on one core, and
// how many bytes a zone costs:
//
//     drain_bench [rounds=5] [threads=4] [locations=300]
//
// The batches imitate recorded Python: a random walk over call depths, a few hundred functions of which some are called
// far more often than others, 100 to 3,000 ticks between events and now and then a long pause. Output is thrown away.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <random>
#include <string>
#include <vector>

#include "events/thread_walk.hpp"
#include "io/byte_stream.hpp"
#include "journal/journal_writer.hpp"
#include "protocol/client_session.hpp"
#include "protocol/wire_bytes.hpp"

using namespace tracypy;
using events::Word;

namespace {

struct Options {
    int rounds = 5;
    std::uint32_t threads = 4;
    std::uint32_t locations = 300;
};

constexpr std::size_t kBatchWords = 1 << 14;
constexpr std::size_t kBatches = 64;
constexpr std::size_t kFlushWords = 1 << 16;  // as often as a drain flushes

/// The same each time, from `start` on. `storage` holds the words.
std::vector<events::ThreadBatch> make_batches(const Options& options, base::Ticks start,
                                              std::vector<std::vector<Word>>& storage) {
    storage.clear();
    storage.reserve(kBatches);
    std::mt19937_64 random(42);
    std::geometric_distribution<std::uint32_t> which(8.0 / options.locations);
    std::uniform_int_distribution<base::Ticks> pause(100, 3000);
    struct Walk {
        base::Ticks tick;
        std::vector<base::SourceLocationId> stack;
    };
    std::vector<Walk> walks(options.threads, Walk{start, {}});
    std::vector<events::ThreadBatch> batches;
    for (std::size_t i = 0; i < kBatches; ++i) {
        const auto thread = static_cast<std::uint32_t>(i % options.threads);
        Walk& walk = walks[thread];
        std::vector<Word>& words = storage.emplace_back();
        while (words.size() < kBatchWords) {
            walk.tick += random() % 5000 == 0 ? 50'000'000 : pause(random);
            const bool deeper = walk.stack.empty() || (walk.stack.size() < 60 && random() % 2 == 0);
            if (deeper) {
                walk.stack.push_back(base::SourceLocationId{std::min(which(random), options.locations - 1) + 1});
                events::append_near(words, events::ZoneBegin{walk.tick, walk.stack.back()});
            } else {
                events::append(words, events::ZoneEnd{walk.tick});
                walk.stack.pop_back();
            }
        }
        batches.push_back({static_cast<base::ThreadId>(thread + 100), words});
    }
    return batches;
}

struct Counter {
    void on(const events::ZoneBegin&) { ++*zones; }
    template <events::ThreadEvent Event>
    void on(const Event&) {}
    void dropped() {}

    std::size_t* zones;
};

std::size_t count_zones(const std::vector<events::ThreadBatch>& batches) {
    std::size_t zones = 0;
    Counter counter{&zones};
    for (const events::ThreadBatch& batch : batches) {
        events::SteadyWalk(base::SteadyClock(0)).walk(batch.words, counter);
    }
    return zones;
}

/// Seconds of processor time for all batches once: other programs on the machine do not count.
template <typename Flush>
double feed(events::EventSink& sink, const std::vector<events::ThreadBatch>& batches, const Flush& flush) {
    const std::clock_t start = std::clock();
    std::size_t unflushed = 0;
    for (const events::ThreadBatch& batch : batches) {
        sink.thread_batch(batch);
        unflushed += batch.words.size();
        if (unflushed >= kFlushWords) {
            flush();
            unflushed = 0;
        }
    }
    flush();
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

struct Bytes {
    std::uint64_t raw, packed;  // the same for a journal, which does not count what it compresses
};

/// Feeds everything again and again, each round later than the one before, and says what it took.
template <typename Flush, typename Count>
void measure(const std::string& what, events::EventSink& sink, const Options& options, const Flush& flush,
             const Count& count) {
    constexpr base::Ticks kStart = 1'000'000'000'000, kRound = 40'000'000'000;
    std::vector<std::vector<Word>> storage;
    std::vector<events::ThreadBatch> batches = make_batches(options, kStart, storage);
    const auto zones = static_cast<double>(count_zones(batches));
    feed(sink, batches, flush);  // warms up
    std::vector<double> seconds;
    const Bytes before = count();
    for (int round = 0; round < options.rounds; ++round) {
        batches = make_batches(options, kStart + (round + 1) * kRound, storage);
        seconds.push_back(feed(sink, batches, flush));
    }
    const Bytes after = count();
    std::sort(seconds.begin(), seconds.end());
    const double rounds = options.rounds;
    std::printf("%s: best %.1f, median %.1f million zones/s; %.2f bytes/zone encoded, %.2f sent\n", what.c_str(),
                zones / seconds.front() / 1e6, zones / seconds[seconds.size() / 2] / 1e6,
                static_cast<double>(after.raw - before.raw) / zones / rounds,
                static_cast<double>(after.packed - before.packed) / zones / rounds);
}

void run_session(std::uint32_t protocol, protocol::Packing packing, const Options& options) {
    base::Names names;
    protocol::ClientSession session(names);
    char greeting[protocol::kGreetingBytes];
    std::memcpy(greeting, protocol::kShibboleth, sizeof(protocol::kShibboleth));
    protocol::put(greeting + sizeof(protocol::kShibboleth), protocol);
    session.receive(greeting);
    session.welcome({}, 0, 0, packing);
    const auto flush = [&session] {
        session.flush();
        session.output().clear();
    };
    const auto count = [&session] { return Bytes{session.counters().raw_bytes, session.counters().packed_bytes}; };
    const char* const how = packing == protocol::Packing::Stored ? "stored" : "compressed";
    measure("protocol " + std::to_string(protocol) + ", " + how, session, options, flush, count);
}

class NullSink final : public io::ByteSink {
public:
    void write(std::string_view) override {}
};

void run_journal(const Options& options) {
    base::Names names;
    for (std::uint32_t line = 1; line <= options.locations; ++line) {
        base::SourceLocation location;
        location.function = names.strings.intern("function " + std::to_string(line));
        location.line = line;
        names.locations.intern(location);
    }
    NullSink sink;
    journal::JournalWriter writer(sink, names, {{}, {0, 0}, 0});
    const auto flush = [&writer] { writer.flush({0, 0}); };
    const auto count = [&writer] { return Bytes{writer.bytes(), writer.bytes()}; };
    measure("journal", writer, options, flush, count);
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        const char* const equals = std::strchr(argv[i], '=');
        if (equals == nullptr) continue;
        const std::string name(argv[i], static_cast<std::size_t>(equals - argv[i]));
        const int value = std::atoi(equals + 1);
        if (name == "rounds") options.rounds = value;
        if (name == "threads") options.threads = static_cast<std::uint32_t>(value);
        if (name == "locations") options.locations = static_cast<std::uint32_t>(value);
    }
    for (const std::uint32_t protocol : {76u, 82u}) {
        run_session(protocol, protocol::Packing::Compressed, options);
        run_session(protocol, protocol::Packing::Stored, options);
    }
    run_journal(options);
    return 0;
}
