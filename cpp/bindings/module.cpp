// tracypy._core: the native side of tracypy, as its Python layer sees it.
#include "bindings/bind.hpp"

namespace nb = nanobind;

NB_MODULE(_core, module) {
    using namespace tracypy::bindings;
    module.doc() = "The native side of tracypy: zones, frame marks, monitoring handlers and the server for viewers.";
    bind_errors(module);
    bind_stderr(module);
    bind_server(module);
    bind_monitor(module);
    bind_markup(module);
    bind_recording(module);
    bind_fork(module);
    bind_start(module);
    bind_trace(module);
    bind_capture(module);
    bind_analysis(module);
}
