// How fast one core takes in what another Tracy client says, and hands it to a viewer:
//
//     gather_bench [rounds=5] [threads=4] [locations=300]
//
// A client session says the zones of zone_batches.hpp. What is measured is all that the root does with its bytes, up to
// those for its own viewer, which are compressed for one of another machine, and not for one of this; or those for the
// journal of a recording.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include "drivers/family_rows.hpp"
#include "drivers/gathered_events.hpp"
#include "drivers/held_events.hpp"
#include "io/byte_stream.hpp"
#include "journal/journal_writer.hpp"
#include "protocol/client_session.hpp"
#include "protocol/viewer_session.hpp"
#include "protocol/wire_bytes.hpp"
#include "zone_batches.hpp"

using namespace tracypy;
using namespace benchmarks;

namespace {

class Rows final : public drivers::FamilyNumbers {
public:
    base::ThreadId take_row(std::uint64_t number) override { return static_cast<base::ThreadId>(number); }
};

void greet(protocol::ClientSession& session, std::uint32_t protocol, protocol::Packing packing) {
    char greeting[protocol::kGreetingBytes];
    std::memcpy(greeting, protocol::kShibboleth, sizeof(protocol::kShibboleth));
    protocol::put(greeting + sizeof(protocol::kShibboleth), protocol);
    session.receive(greeting);
    session.welcome({}, 0, 0, packing);
}

void name_locations(base::Names& names, std::uint32_t locations) {
    for (std::uint32_t line = 1; line <= locations; ++line) {
        base::SourceLocation location;
        location.function = names.strings.intern("function " + std::to_string(line));
        location.file = names.strings.intern("file.py");
        location.line = line;
        names.locations.intern(location);
    }
}

/// Whom the root tells.
class Viewer {
public:
    Viewer(base::Names& names, std::uint32_t protocol, protocol::Packing packing) : session_(names) {
        greet(session_, protocol, packing);
        session_.output().clear();
    }
    events::EventSink& sink() noexcept { return session_; }
    void flush() { session_.flush(); }
    void forget() { session_.output().clear(); }

private:
    protocol::ClientSession session_;
};

class Recording {
public:
    explicit Recording(base::Names& names) : writer_(nothing_, names, {{}, {0, 0}, 0}) {}
    events::EventSink& sink() noexcept { return writer_; }
    void flush() { writer_.flush(); }
    void forget() noexcept {}

private:
    struct Nothing final : io::ByteSink {
        void write(std::string_view) override {}
    };
    Nothing nothing_;
    journal::JournalWriter writer_;
};

/// A client, and the root that is its viewer.
template <typename Root>
struct Talk {
    template <typename... More>
    Talk(std::uint32_t client_protocol, const Options& options, More... more)
        : client(client_names),
          viewer(*protocol::find_dialect(client_protocol), gathered_names, held),
          rows(root_names, numbers, process, 1),
          events(gathered_names, root_names, {}, 0, rows),
          root(root_names, more...) {
        name_locations(client_names, options.locations);
        greet(client, client_protocol, protocol::Packing::Compressed);
        viewer.output().clear();  // the greeting
        rows.set_sink(root.sink());
    }

    /// Seconds that the root takes for what the client has to say.
    double hear() {
        double seconds = 0;
        do {
            client.answer_pending(now_ns += kLongNs);  // it waits a little, in case a name comes
            client.flush();
            const std::string said(client.output().pending().data(), client.output().pending().size());
            client.output().clear();
            const std::clock_t start = std::clock();
            viewer.receive(said);
            if (viewer.knows_all_names()) held.release(events);
            root.flush();
            seconds += static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
            root.forget();
            const std::string asked(viewer.output().pending().data(), viewer.output().pending().size());
            viewer.output().clear();
            client.receive(asked);
        } while (!viewer.knows_all_names());
        return seconds;
    }

    static constexpr std::int64_t kLongNs = 10'000'000'000;

    std::int64_t now_ns = 0;
    base::Names client_names, gathered_names, root_names;
    Rows numbers;
    const std::string process = "client (1)";
    protocol::ClientSession client;
    drivers::HeldEvents held;
    protocol::ViewerSession viewer;
    drivers::FamilyRows rows;
    drivers::GatheredEvents events;
    Root root;
};

template <typename Root>
void run(const std::string& what, Talk<Root>& talk, const Options& options) {
    constexpr base::Ticks kStart = 1'000'000'000'000, kRound = 40'000'000'000;
    std::vector<std::vector<Word>> storage;
    std::vector<double> seconds;
    double zones = 0;
    for (int round = -1; round < options.rounds; ++round) {  // the first one warms up
        const auto batches = make_batches(options, kStart + (round + 1) * kRound, storage);
        zones = static_cast<double>(count_zones(batches));
        double spent = 0;
        for (std::size_t i = 0; i < batches.size(); ++i) {
            talk.client.thread_batch(batches[i]);
            if (i % 4 == 3) spent += talk.hear();
        }
        if (round >= 0) seconds.push_back(spent + talk.hear());
    }
    std::sort(seconds.begin(), seconds.end());
    std::printf("%s: best %.1f, median %.1f million zones/s\n", what.c_str(), zones / seconds.front() / 1e6,
                zones / seconds[seconds.size() / 2] / 1e6);
}

}  // namespace

int main(int argc, char** argv) {
    const Options options = read_options(argc, argv);
    for (const auto& [client, viewer] : {std::pair{76u, 76u}, {82u, 82u}, {76u, 82u}, {82u, 66u}}) {
        for (const auto packing : {protocol::Packing::Stored, protocol::Packing::Compressed}) {
            const bool is_local = packing == protocol::Packing::Stored;
            Talk<Viewer> talk(client, options, viewer, packing);
            run("client " + std::to_string(client) + ", viewer " + std::to_string(viewer) +
                    (is_local ? " on this machine" : " elsewhere"),
                talk, options);
        }
    }
    for (const std::uint32_t client : {76u, 82u}) {
        Talk<Recording> talk(client, options);
        run("client " + std::to_string(client) + ", a recording", talk, options);
    }
    return 0;
}
