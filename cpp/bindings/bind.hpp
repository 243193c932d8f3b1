// One function per subject; module.cpp calls them in this order. Conversion only: no logic lives in bindings/.
#pragma once

#include <nanobind/nanobind.h>

namespace tracypy::bindings {

void bind_errors(nanobind::module_& module);
void bind_stderr(nanobind::module_& module);
void bind_server(nanobind::module_& module);
void bind_monitor(nanobind::module_& module);
void bind_markup(nanobind::module_& module);
void bind_recording(nanobind::module_& module);
void bind_saving(nanobind::module_& module);
void bind_family(nanobind::module_& module);
void bind_gather(nanobind::module_& module);
void bind_fork(nanobind::module_& module);
void bind_start(nanobind::module_& module);
void bind_trace(nanobind::module_& module);
void bind_capture(nanobind::module_& module);
void bind_live(nanobind::module_& module);
void bind_merge(nanobind::module_& module);
void bind_analysis(nanobind::module_& module);
void bind_zones(nanobind::module_& module);
void bind_exporting(nanobind::module_& module);
void bind_timeline(nanobind::module_& module);

}  // namespace tracypy::bindings
