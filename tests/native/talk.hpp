// A session and a viewer that reads along, without a socket between them.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "base/names.hpp"
#include "check.hpp"
#include "protocol/client_session.hpp"
#include "protocol/pending_answers.hpp"
#include "stream_reader.hpp"
#include "viewer_bytes.hpp"
#include "words.hpp"

namespace tracypy::native_tests {

/// A session that has been welcomed, and a viewer that reads along.
struct Talk {
    static constexpr base::ThreadId kThread{77};

    explicit Talk(std::uint32_t protocol, protocol::Packing packing = protocol::Packing::Compressed,
                  protocol::AnswerProvider* provider = nullptr)
        : dialect(*protocol::find_dialect(protocol)), session(names), reader(protocol) {
        session.receive(greeting(protocol));
        session.welcome({}, 1000, 5, packing, provider);
        const std::size_t welcome = 1 + protocol::kWelcomeBytes + (dialect.welcome_has_delay ? 8 : 0) + 16;
        CHECK(session.output().size() == welcome);
        session.output().consume(welcome);
    }
    /// Queries, whole ones.
    void receive(const std::string& bytes) {
        reader.queries.ask(bytes);
        session.receive(bytes);
    }
    void batch(const Words& words, base::ThreadId thread = kThread) { session.thread_batch({thread, words.all()}); }
    void mark(events::FrameMarkKind kind, base::Ticks tick, base::StringId name) {
        const events::FrameMark one[] = {{tick, name, kind}};
        session.take(one);
    }
    /// Long enough after whatever was asked.
    StreamReader& read() {
        for (int i = 0; i < 2; ++i) session.answer_pending(now_ns += protocol::PendingAnswers::kNameDelayNs);
        session.flush();
        reader.feed(session.output().pending());
        session.output().clear();
        CHECK(reader.error.empty());
        if (!reader.error.empty()) std::fprintf(stderr, "    %s\n", reader.error.c_str());
        return reader;
    }
    std::uint32_t location(std::string_view name) {
        base::SourceLocation content;
        content.function = names.strings.intern(name);
        content.file = names.strings.intern("a.py");
        content.line = 12;
        return static_cast<std::uint32_t>(names.locations.intern(content));
    }

    base::Names names;
    const protocol::Dialect& dialect;
    protocol::ClientSession session;
    StreamReader reader;
    std::int64_t now_ns = 1;
};

template <typename Body>
void for_each_dialect(Body body) {
    for (const protocol::Dialect& dialect : protocol::dialects()) {
        for (const protocol::Packing packing : {protocol::Packing::Stored, protocol::Packing::Compressed})
            body(dialect.protocol, packing);
    }
}

}  // namespace tracypy::native_tests
