// How fast a session turns batches of zones into bytes for a viewer, and a recording into a journal, on one core, and
// how many bytes a zone costs:
//
//     drain_bench [rounds=5] [threads=4] [locations=300]
//
// Output is thrown away.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include "io/byte_stream.hpp"
#include "journal/journal_writer.hpp"
#include "protocol/client_session.hpp"
#include "protocol/wire_bytes.hpp"
#include "zone_batches.hpp"

using namespace tracypy;
using namespace benchmarks;

namespace {

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
    const Options options = read_options(argc, argv);
    for (const std::uint32_t protocol : {76u, 82u}) {
        run_session(protocol, protocol::Packing::Compressed, options);
        run_session(protocol, protocol::Packing::Stored, options);
    }
    run_journal(options);
    return 0;
}
