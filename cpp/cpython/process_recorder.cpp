#include "cpython/process_recorder.hpp"

#include <memory>

#include "base/names.hpp"

namespace tracypy::cpython {
namespace {

const recorder::Recorder* const g_made = std::construct_at(&g_process_recorder.recorder, base::names());

}  // namespace

constinit ProcessRecorder g_process_recorder;

}  // namespace tracypy::cpython
