// What a ClientSession has from its welcome on: the encoder, and what the viewer knows. For its own files only.
#pragma once

#include <unordered_map>

#include "events/thread_walk.hpp"
#include "protocol/client_session.hpp"
#include "protocol/frame_sets.hpp"
#include "protocol/kinds/frame_images.hpp"
#include "protocol/kinds/gpu.hpp"
#include "protocol/kinds/machine.hpp"
#include "protocol/kinds/memory.hpp"
#include "protocol/kinds/parameters.hpp"
#include "protocol/location_ids.hpp"
#include "protocol/pending_answers.hpp"
#include "protocol/query_answers.hpp"

namespace tracypy::protocol {

/// A row as the viewer has it: of a fiber, on which thread it runs, or ran last.
struct ClientSession::Row {
    events::RowWalk walk;
    base::ThreadId carrier = base::ThreadId::None;
    bool is_running = false;
    std::int32_t group_hint = 0;  // that the viewer does not know yet
};

struct ClientSession::Stream {
    Stream(const base::Names& names, const Dialect& dialect, OutputBuffer& output, base::RowClock start,
           Packing packing, AnswerProvider* provider)
        : encoder(dialect, output, packing),
          callstacks(names.callstacks),
          answers(names, encoder, locations, callstacks),
          pending(provider),
          frames(start.last()),
          memory(encoder, answers, start.last()),
          parameters(encoder, answers),
          images(encoder),
          gpus(encoder, start.last()),
          machine(encoder, answers, start.last()),
          first_clock(start),
          last_tick(start.last()) {
        encoder.take_callstacks_from(callstacks);
    }

    Encoder encoder;
    LocationIds locations;
    CallstackIds callstacks;
    QueryAnswers answers;
    PendingAnswers pending;
    FrameSets frames;
    kinds::MemoryWriter memory;
    kinds::ParameterWriter parameters;
    kinds::FrameImageWriter images;
    kinds::GpuWriter gpus;
    kinds::MachineWriter machine;
    std::unordered_map<base::ThreadId, Row> threads;
    base::RowClock first_clock;  // of every thread
    base::Ticks last_tick;       // of all threads
};

}  // namespace tracypy::protocol
