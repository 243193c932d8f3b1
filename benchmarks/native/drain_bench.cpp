// How fast a session turns batches of zones into bytes for a viewer, on one core, and how many bytes a zone costs:
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

#include "protocol/client_session.hpp"
#include "protocol/wire_bytes.hpp"

using namespace tracypy;
using events::Kind;
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

std::vector<events::ThreadBatch> make_batches(const Options& options, std::vector<std::vector<Word>>& storage) {
    std::mt19937_64 random(42);
    std::geometric_distribution<std::uint32_t> which(8.0 / options.locations);
    std::uniform_int_distribution<base::Ticks> pause(100, 3000);
    struct Walk {
        base::Ticks tick = 1'000'000'000'000;
        std::vector<Word> stack;
    };
    std::vector<Walk> walks(options.threads);
    std::vector<events::ThreadBatch> batches;
    for (std::size_t i = 0; i < kBatches; ++i) {
        const auto thread = static_cast<std::uint32_t>(i % options.threads);
        Walk& walk = walks[thread];
        std::vector<Word>& words = storage.emplace_back();
        while (words.size() < kBatchWords) {
            walk.tick += random() % 5000 == 0 ? 50'000'000 : pause(random);
            const bool deeper = walk.stack.empty() || (walk.stack.size() < 60 && random() % 2 == 0);
            words.push_back(events::header(deeper ? Kind::ZoneBegin : Kind::ZoneEnd, static_cast<Word>(walk.tick)));
            if (deeper) {
                walk.stack.push_back(std::min(which(random), options.locations - 1) + 1);
                words.push_back(walk.stack.back());
            } else {
                walk.stack.pop_back();
            }
        }
        batches.push_back({static_cast<base::ThreadId>(thread + 100), words});
    }
    return batches;
}

std::size_t count_zones(const std::vector<events::ThreadBatch>& batches) {
    std::size_t zones = 0;
    for (const events::ThreadBatch& batch : batches) {
        for (std::size_t i = 0; i < batch.words.size(); i += events::event_words(&batch.words[i])) {
            zones += events::kind_of(batch.words[i]) == Kind::ZoneBegin;
        }
    }
    return zones;
}

/// Seconds of processor time for all batches once: other programs on the machine do not count.
double feed(protocol::ClientSession& session, const std::vector<events::ThreadBatch>& batches) {
    const std::clock_t start = std::clock();
    std::size_t unflushed = 0;
    for (const events::ThreadBatch& batch : batches) {
        session.thread_batch(batch);
        unflushed += batch.words.size();
        if (unflushed >= kFlushWords) {
            session.flush();
            session.output().clear();
            unflushed = 0;
        }
    }
    session.flush();
    session.output().clear();
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

void run(std::uint32_t protocol, protocol::Packing packing, const Options& options) {
    std::vector<std::vector<Word>> storage;
    storage.reserve(kBatches);
    const std::vector<events::ThreadBatch> batches = make_batches(options, storage);
    const auto zones = static_cast<double>(count_zones(batches));

    base::Names names;
    protocol::ClientSession session(names);
    char greeting[protocol::kGreetingBytes];
    std::memcpy(greeting, protocol::kShibboleth, sizeof(protocol::kShibboleth));
    protocol::put(greeting + sizeof(protocol::kShibboleth), protocol);
    session.receive(greeting);
    session.welcome({}, 0, 0, packing);
    feed(session, batches);  // warms up; later rounds only clamp their ticks where the first ones left off

    std::vector<double> seconds;
    const protocol::ClientSession::Counters before = session.counters();
    for (int round = 0; round < options.rounds; ++round) {
        for (std::size_t i = 0; i < storage.size(); ++i) {
            // Each round is later than the one before.
            constexpr Word kShift = Word{40'000'000'000} << events::kKindBits;
            for (std::size_t at = 0; at < storage[i].size(); at += events::event_words(&storage[i][at])) {
                storage[i][at] += kShift;
            }
        }
        seconds.push_back(feed(session, batches));
    }
    const protocol::ClientSession::Counters after = session.counters();
    std::sort(seconds.begin(), seconds.end());
    const double rounds = options.rounds;
    std::printf("protocol %u, %s: best %.1f, median %.1f million zones/s; %.2f bytes/zone encoded, %.2f sent\n",
                protocol, packing == protocol::Packing::Stored ? "stored" : "compressed", zones / seconds.front() / 1e6,
                zones / seconds[seconds.size() / 2] / 1e6,
                static_cast<double>(after.raw_bytes - before.raw_bytes) / zones / rounds,
                static_cast<double>(after.packed_bytes - before.packed_bytes) / zones / rounds);
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
        run(protocol, protocol::Packing::Compressed, options);
        run(protocol, protocol::Packing::Stored, options);
    }
    return 0;
}
